using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Extensions.LLamaSharp.Tests;

/// <summary>The chat client on llama.cpp: what stands above the engine is the same.</summary>
public sealed class ClientTests
{
    private static readonly AIFunction s_weather =
        AIFunctionFactory.Create((string city) => $"Rain in {city}.", "get_weather", "Gets the weather of a city.");

    [Fact]
    public async Task It_calls_tools_and_answers()
    {
        using IChatClient llama = new ChatClientBuilder(Client()).UseFunctionInvocation().Build();
        using IChatClient managed = new ChatClientBuilder(new SmolLM3ChatClient(Options())).UseFunctionInvocation().Build();
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 64, Tools = [s_weather] };
        ChatResponse response = await llama.GetResponseAsync("What is the weather in Paris?", options);
        ChatResponse expected = await managed.GetResponseAsync("What is the weather in Paris?", options);
        Assert.Contains(response.Messages, message => message.Contents.OfType<FunctionCallContent>().Any());
        Assert.Equal(expected.Text, response.Text);
        Assert.NotEqual(0, response.Usage!.CachedInputTokenCount);
    }

    [Fact]
    public async Task Many_at_once_are_answered_and_one_that_is_cancelled_disturbs_nobody()
    {
        using SmolLM3ChatClient client = Client();
        using CancellationTokenSource cancellation = new();
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 24 };
        Task<ChatResponse>[] others =
            [.. Enumerable.Range(0, 12).Select(i => client.GetResponseAsync($"What is {i} + 3?", options))];
        IAsyncEnumerator<ChatResponseUpdate> cancelled = client.GetStreamingResponseAsync(
            "Tell me about Oslo.", new() { MaxOutputTokens = 500 }, cancellation.Token).GetAsyncEnumerator();
        Assert.True(await cancelled.MoveNextAsync());
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await cancelled.MoveNextAsync())
            {
            }
        });
        Assert.All(await Task.WhenAll(others), response => Assert.NotEmpty(response.Text));
    }

    [Fact]
    public async Task Disposal_ends_requests_in_flight()
    {
        SmolLM3ChatClient client = Client();
        await client.LoadAsync();
        Task<ChatResponse>[] running = [.. Enumerable.Range(0, 4).Select(i =>
            client.GetResponseAsync($"Tell me {i} stories.", new() { MaxOutputTokens = 900 }))];
        await client.DisposeAsync();
        foreach (Task<ChatResponse> request in running)
        {
            Exception? error = await Record.ExceptionAsync(() => request);
            Assert.True(error is null or ObjectDisposedException, $"{error}");
        }
    }

    [Fact]
    public async Task A_conversation_is_saved_and_restored()
    {
        List<ChatMessage> messages = [new(ChatRole.User, "What is 2 + 3?"), new(ChatRole.Assistant, "2 + 3 is 5.")];
        MemoryStream saved = new();
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 16 };
        using (SmolLM3ChatClient before = Client())
        {
            await before.SavePrefixAsync(messages, options, saved);
        }

        using SmolLM3ChatClient after = Client();
        saved.Position = 0;
        SmolLM3PrefixSnapshot snapshot = await after.RestorePrefixAsync(saved);
        ChatResponse response = await after.GetResponseAsync([.. messages, new(ChatRole.User, "And 4 + 4?")], options);
        Assert.Equal(snapshot.TokenCount, response.Usage!.CachedInputTokenCount);

        using SmolLM3ChatClient managed = new(Options());
        saved.Position = 0;
        PrefixSnapshotException refusal =
            await Assert.ThrowsAsync<PrefixSnapshotException>(() => managed.RestorePrefixAsync(saved));
        Assert.Equal(PrefixSnapshotProblem.OtherEngine, refusal.Problem);
    }

    [Fact]
    public async Task Requests_of_different_adapters_take_turns_and_say_what_they_would_alone()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        using (Stream stream = TinyModel.TinyModel.OpenRead())
        using (GgufFile model = GgufFile.Load(stream))
        {
            SyntheticAdapter.Write(path, model, new() { Rank = 4, Seed = 1 });
        }

        try
        {
            using SmolLM3ChatClient client = Client();
            await client.LoadAdapterAsync("odd", path);
            string plain = await AskAsync(0), adapted = await AskAsync(1);
            Assert.NotEqual(plain, adapted);
            string[] together = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => AskAsync(i % 2))));

            // Rounding depends on the batch.
            Assert.InRange(together.Where((answer, i) => answer == (i % 2 == 0 ? plain : adapted)).Count(), 10, 12);
            await client.UnloadAdapterAsync("odd");
            await Assert.ThrowsAsync<UnknownAdapterException>(() => AskAsync(1));
            Assert.Equal(plain, await AskAsync(0));

            async Task<string> AskAsync(float scale) => (await client.GetResponseAsync("What is the weather in Lisbon?", new()
            {
                Temperature = 0,
                MaxOutputTokens = 24,
                RawRepresentationFactory = _ => new SmolLM3RequestOptions
                {
                    LoraAdapters = scale == 0 ? null : new Dictionary<string, float> { ["odd"] = scale },
                },
            })).Text;
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_a_library_it_throws_or_runs_in_pure_csharp_with_one_warning(bool required)
    {
        Recorder logs = new();
        LLamaSharpEngineFactory factory = new(new() { Required = required })
        {
            LoadLibrary = (_, _) => throw new LLamaSharpUnavailableException("Add the package LLamaSharp.Backend.Cpu."),
        };
        using Stream stream = TinyModel.TinyModel.OpenRead();
        using GgufFile file = GgufFile.Load(stream);
        EngineOptions options = new() { ContextLength = 64 };
        if (required)
        {
            Assert.Throws<LLamaSharpUnavailableException>(() => factory.Create(file, options, logs));
            return;
        }

        using IInferenceEngine engine = factory.Create(file, options, logs);
        Assert.IsType<ManagedEngine>(engine);
        Assert.Single(logs.Levels, LogLevel.Warning);
    }

    [Fact]
    public void Options_are_checked_and_equal_ones_share_a_model()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Options().UseLLamaSharp(l => l.GpuLayerCount = -2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Options().UseLLamaSharp(l => l.MainGpu = -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Options().UseLLamaSharp(l => l.TensorSplit = [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Options().UseLLamaSharp(l => (l.MainGpu, l.TensorSplit) = (0, [1, 1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Options().UseLLamaSharp(l => l.Backend = (LLamaSharpBackend)9));
        Assert.Equal(
            Options().UseLLamaSharp(l => l.TensorSplit = [3, 1]).FindEngine(),
            Options().UseLLamaSharp(l => l.TensorSplit = [3, 1]).FindEngine());
        Assert.NotEqual(
            Options().UseLLamaSharp(l => l.TensorSplit = [3, 1]).FindEngine(),
            Options().UseLLamaSharp(l => l.TensorSplit = [1, 1]).FindEngine());
    }

    private static SmolLM3Options Options() =>
        new SmolLM3Options { ContextLength = 1_024, Threads = 2 }.UseModel("tiny", TinyModel.TinyModel.OpenRead);

    private static SmolLM3ChatClient Client()
    {
        _ = Llama.Library;
        return new(Options().UseLLamaSharp(l =>
            (l.Backend, l.LibraryDirectory) = (Llama.Options.Backend, Llama.Options.LibraryDirectory)));
    }

    private sealed class Recorder : ILoggerFactory, ILogger
    {
        public List<LogLevel> Levels { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Levels.Add(logLevel);

        public void Dispose()
        {
        }
    }
}
