using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

public sealed class LocalGeneratorTests
{
    private static readonly EngineLimits _limits = new(64, 4, 16, 256);

    [Fact]
    public async Task Many_requests_at_once_each_get_their_own_answer()
    {
        await using var generator = new LocalGenerator(new FakeEngine(_limits));
        GenerationRequest[] requests = [.. Enumerable.Range(0, 40).Select(
            i => LoopHarness.Request(Enumerable.Range(i % 5, 1 + (i % 7)), maxTokens: 20, seed: i))];

        List<int>[] answers = await Task.WhenAll(requests.Select(request => Task.Run(() => Read(generator, request))));

        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal(Reference.Generate(requests[i], 64), answers[i]);
        }
    }

    [Fact]
    public async Task One_thread_touches_the_engine()
    {
        var threads = new HashSet<string?>();
        var engine = new FakeEngine(_limits) { OnForward = _ => threads.Add(Thread.CurrentThread.Name) };
        await using (var generator = new LocalGenerator(engine))
        {
            await Read(generator, LoopHarness.Request([1]));
            await Read(generator, LoopHarness.Request([2]));
        }

        Assert.Equal(["SmolLM3 generation"], threads);
    }

    [Fact]
    public async Task A_prompt_that_fills_the_context_is_refused_at_once_with_both_numbers()
    {
        await using var generator = new LocalGenerator(new FakeEngine(_limits));
        GenerationRequest request = LoopHarness.Request(Enumerable.Repeat(1, 64));

        var error = Assert.Throws<PromptTooLongException>(() => { generator.GenerateAsync(request); });

        Assert.Equal((64, 64), (error.PromptTokens, error.ContextLength));
        Assert.Contains("64 tokens", error.Message);
        Assert.Single(await Read(generator, LoopHarness.Request(Enumerable.Repeat(1, 63))));
    }

    [Fact]
    public async Task The_engines_capacity_bounds_the_context()
    {
        await using var generator = new LocalGenerator(new FakeEngine(new EngineLimits(64, 4, 16, 32)));

        var error = Assert.Throws<PromptTooLongException>(
            () => { generator.GenerateAsync(LoopHarness.Request(Enumerable.Repeat(1, 40))); });
        Assert.Equal(32, error.ContextLength);
        Assert.Equal(30, (await Read(generator, LoopHarness.Request([1, 2]) with { MaxTokens = null })).Count);
    }

    [Fact]
    public async Task Bad_requests_are_refused_at_once()
    {
        await using var generator = new LocalGenerator(new FakeEngine(_limits));
        GenerationRequest good = LoopHarness.Request([1]);

        Refuse<ArgumentNullException>(null!);
        Refuse<ArgumentException>(good with { PromptTokens = [] });
        Refuse<ArgumentException>(good with { PromptTokens = [1, 32] });
        Refuse<ArgumentException>(good with { PromptTokens = [-1] });
        Refuse<ArgumentOutOfRangeException>(good with { MaxTokens = 0 });
        Refuse<ArgumentOutOfRangeException>(good with { Sampling = new SamplingOptions { TopP = 2 } });

        void Refuse<T>(GenerationRequest request)
            where T : Exception => Assert.Throws<T>(() => { generator.GenerateAsync(request); });
    }

    [Fact]
    public async Task One_request_too_many_is_refused_at_once_and_the_others_go_on()
    {
        using var go = new ManualResetEventSlim();
        var engine = new FakeEngine(_limits) { OnForward = _ => go.Wait() };
        await using var generator = new LocalGenerator(engine, options: new() { MaxRunning = 1, MaxQueued = 2 });
        Task<List<int>>[] taken = [.. Enumerable.Range(0, 3).Select(i => Read(generator, LoopHarness.Request([i])))];

        SmolLM3OverloadedException refused = await Assert.ThrowsAsync<SmolLM3OverloadedException>(
            () => Read(generator, LoopHarness.Request([9])));
        go.Set();

        Assert.Equal((3, 1, 2), (refused.Requests, refused.MaxRunning, refused.MaxQueued));
        Assert.All(await Task.WhenAll(taken), tokens => Assert.Equal(8, tokens.Count));
        Assert.Equal(8, (await Read(generator, LoopHarness.Request([9]))).Count);
    }

    [Fact]
    public async Task Without_a_seed_answers_differ_and_with_the_same_source_of_seeds_they_do_not()
    {
        GenerationRequest request = LoopHarness.Request([1], maxTokens: 30) with { Sampling = new SamplingOptions() };
        List<List<int>> answers = [];
        foreach (int seed in (int[])[3, 3])
        {
            await using var generator = new LocalGenerator(new FakeEngine(_limits), seeds: new Random(seed));
            answers.Add(await Read(generator, request));
            answers.Add(await Read(generator, request));
        }

        Assert.NotEqual(answers[0], answers[1]);
        Assert.Equal(answers[..2], answers[2..]);
    }

    [Fact]
    public async Task Cancellation_is_seen_by_the_reader_while_a_step_is_under_way()
    {
        using var cancellation = new CancellationTokenSource();
        using var step = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var engine = new FakeEngine(_limits)
        {
            OnForward = _ =>
            {
                step.Set();
                go.Wait();
            },
        };
        await using var generator = new LocalGenerator(engine);
        Task<List<int>> reading = Read(generator, LoopHarness.Request([1]), cancellation.Token);
        step.Wait();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        go.Set();
        Assert.Equal(8, (await Read(generator, LoopHarness.Request([2]))).Count);
    }

    [Fact]
    public async Task A_cancelled_token_starts_nothing()
    {
        var engine = new FakeEngine(_limits);
        await using var generator = new LocalGenerator(engine);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Read(generator, LoopHarness.Request([1]), new CancellationToken(canceled: true)));
        Assert.Equal(0, engine.Rows);
    }

    [Fact]
    public async Task A_token_given_to_the_enumeration_cancels_too()
    {
        await using var generator = new LocalGenerator(new FakeEngine(_limits));
        using var cancellation = new CancellationTokenSource();
        int count = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            GenerationRequest request = LoopHarness.Request([1], maxTokens: 60);
            await foreach (GeneratedToken _ in generator.GenerateAsync(request).WithCancellation(cancellation.Token))
            {
                count++;
                await cancellation.CancelAsync();
            }
        });
        Assert.Equal(1, count);
    }

    [Fact]
    public async Task Leaving_early_frees_the_slot()
    {
        await using var generator = new LocalGenerator(new FakeEngine(_limits with { MaxSequences = 1 }));
        for (int i = 0; i < 5; i++)
        {
            await foreach (GeneratedToken _ in generator.GenerateAsync(LoopHarness.Request([1], maxTokens: 60)))
            {
                break;
            }
        }

        Assert.Equal(8, (await Read(generator, LoopHarness.Request([2]))).Count);
    }

    [Fact]
    public async Task Disposal_ends_requests_in_flight_and_leaves_the_engine_empty_and_open()
    {
        var engine = new FakeEngine(_limits with { MaxSequences = 1 });
        using var step = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        engine.OnForward = _ =>
        {
            step.Set();
            go.Wait();
        };
        var generator = new LocalGenerator(engine);
        Task<List<int>>[] readings = [.. Enumerable.Range(1, 3).Select(
            i => Read(generator, LoopHarness.Request([i], maxTokens: 60)))];
        IAsyncEnumerable<GeneratedToken> unread = generator.GenerateAsync(LoopHarness.Request([4]));
        step.Wait();

        ValueTask disposal = generator.DisposeAsync();
        Assert.False(disposal.IsCompleted);
        go.Set();
        await disposal;
        await generator.DisposeAsync();

        foreach (Task<List<int>> reading in readings)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        }

        Assert.Throws<ObjectDisposedException>(() => { generator.GenerateAsync(LoopHarness.Request([1])); });
        await Assert.ThrowsAsync<ObjectDisposedException>(
            async () => await unread.GetAsyncEnumerator().MoveNextAsync());
        Assert.Equal(0, engine.GetLength(0));
        Assert.False(engine.IsDisposed);
    }

    [Fact]
    public async Task When_the_engine_cannot_even_undo_a_step_all_end_and_the_next_is_served()
    {
        var engine = new FakeEngine(_limits);
        bool broken = true, failed = false;
        engine.OnForward = _ =>
        {
            failed = broken;
            ThrowIf(broken);
        };
        engine.OnTruncate = () => ThrowIf(broken && failed);
        await using var generator = new LocalGenerator(engine);

        await Assert.ThrowsAsync<IOException>(() => Read(generator, LoopHarness.Request([1])));
        broken = false;

        Assert.Equal(8, (await Read(generator, LoopHarness.Request([2]))).Count);
    }

    [Fact]
    public async Task A_logger_that_throws_ends_requests_but_neither_the_thread_nor_disposal()
    {
        var logger = new ThrowingLogger();
        var generator = new LocalGenerator(new FakeEngine(_limits), logger);
        await Assert.ThrowsAsync<IOException>(() => Read(generator, LoopHarness.Request([1])));
        logger.Throws = false;
        Assert.Equal(8, (await Read(generator, LoopHarness.Request([2]))).Count);
        logger.Throws = true;

        await generator.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_logger_that_throws_ends_only_the_request_it_is_told_of()
    {
        using SemaphoreSlim steps = new(1);
        var logger = new ThrowingLogger { Throws = false };
        await using var generator = new LocalGenerator(new FakeEngine(_limits) { OnForward = _ => steps.Wait() }, logger);
        GenerationRequest request = LoopHarness.Request([1, 2], maxTokens: 20);
        Task<List<int>> running = Read(generator, request);
        await logger.Told.WaitAsync(TimeSpan.FromSeconds(60));
        logger.Throws = true;
        Task<List<int>> told = Read(generator, LoopHarness.Request([3]));
        steps.Release(2);
        await Assert.ThrowsAsync<IOException>(() => told);
        logger.Throws = false;
        steps.Release(1_000);

        Assert.Equal(Reference.Generate(request, 64), await running);
    }

    private static void ThrowIf(bool broken)
    {
        if (broken)
        {
            throw new IOException("broken");
        }
    }

    private static async Task<List<int>> Read(
        LocalGenerator generator, GenerationRequest request, CancellationToken cancellationToken = default)
    {
        List<int> tokens = [];
        await foreach (GeneratedToken token in generator.GenerateAsync(request, cancellationToken))
        {
            tokens.Add(token.Id);
        }

        return tokens;
    }

    private sealed class ThrowingLogger : ILogger
    {
        private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public volatile bool Throws = true;

        public Task Told => _told.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            ThrowIf(Throws);
            _told.TrySetResult();
        }
    }
}
