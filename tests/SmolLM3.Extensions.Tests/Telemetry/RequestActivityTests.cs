using System.Collections.Concurrent;
using System.Diagnostics;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Telemetry;
using SmolLM3.Extensions.Tests.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Telemetry;

public sealed class RequestActivityTests : IDisposable
{
    private readonly string _model = Guid.NewGuid().ToString();
    private readonly ConcurrentQueue<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public RequestActivityTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SmolLM3Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_request_is_a_span_below_its_callers()
    {
        await using LocalGenerator generator = Generator();
        using Activity caller = new Activity("caller").Start();
        await foreach (GeneratedToken _ in generator.GenerateAsync(LoopHarness.Request([1, 2, 3], maxTokens: 4)))
        {
            Assert.Same(caller, Activity.Current);
        }

        Activity span = Span();
        Assert.Equal(("smollm3.generate", caller.SpanId), (span.OperationName, span.ParentSpanId));
        Assert.Equal(
            (3, 4, 0),
            (span.GetTagItem("gen_ai.usage.input_tokens"), span.GetTagItem("gen_ai.usage.output_tokens"),
            span.GetTagItem("gen_ai.usage.cache_read.input_tokens")));
        Assert.Equal(["length"], (string[])span.GetTagItem("gen_ai.response.finish_reasons")!);
        Assert.Equal("smollm3.first_token", Assert.Single(span.Events).Name);
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task A_request_that_fails_says_how()
    {
        await using LocalGenerator generator = Generator(_ => throw new IOException("broken"));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(generator, CancellationToken.None));
        AssertFailed("System.IO.IOException");
    }

    [Fact]
    public async Task A_request_that_is_refused_says_so()
    {
        using ManualResetEventSlim go = new();
        await using LocalGenerator generator = Generator(_ => go.Wait(), maxQueued: 0);
        Task first = ReadAsync(generator, CancellationToken.None);
        await Assert.ThrowsAsync<SmolLM3OverloadedException>(() => ReadAsync(generator, CancellationToken.None));
        AssertFailed(typeof(SmolLM3OverloadedException).FullName!);
        go.Set();
        await first;
    }

    [Fact]
    public async Task A_request_that_is_cancelled_says_so()
    {
        using CancellationTokenSource cancellation = new();
        await using LocalGenerator generator = Generator(_ => cancellation.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAsync(generator, cancellation.Token));
        Assert.EndsWith("CanceledException", (string)Span().GetTagItem("error.type")!);
    }

    private static async Task ReadAsync(LocalGenerator generator, CancellationToken cancellationToken)
    {
        await foreach (GeneratedToken _ in generator.GenerateAsync(LoopHarness.Request([1]), cancellationToken))
        {
        }
    }

    private LocalGenerator Generator(Action<Batch>? onForward = null, int maxQueued = 10) => new(
        new FakeEngine(new EngineLimits(64, 1, 16, 256)) { OnForward = onForward },
        options: new() { ModelName = _model, MaxQueued = maxQueued });

    private void AssertFailed(string error)
    {
        Activity span = Span();
        Assert.Equal((error, ActivityStatusCode.Error), (span.GetTagItem("error.type"), span.Status));
    }

    private Activity Span() =>
        Assert.Single(_ended, activity => (string?)activity.GetTagItem(SmolLM3Telemetry.ModelTag) == _model);
}
