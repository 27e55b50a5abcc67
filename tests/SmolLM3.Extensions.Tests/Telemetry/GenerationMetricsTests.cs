using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Extensions.Tests.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Telemetry;

public sealed class GenerationMetricsTests : IDisposable
{
    private readonly string _model = Guid.NewGuid().ToString();
    private readonly MeterProbe _probe;

    public GenerationMetricsTests() => _probe = new MeterProbe(_model);

    public void Dispose() => _probe.Dispose();

    [Fact]
    public void A_request_reports_its_wait_its_first_token_and_its_pace()
    {
        LoopHarness harness = Harness(sequences: 1, drafts: false);
        harness.Engine.OnForward = _ => harness.Time.Advance(TimeSpan.FromSeconds(0.5));
        harness.Submit(LoopHarness.Request([1, 2, 3], maxTokens: 5));
        harness.Time.Advance(TimeSpan.FromSeconds(2));
        harness.Run();

        // The fake engine calls twice a step: each takes a second.
        Assert.Equal([2], _probe["smollm3.queue.duration"]);
        Assert.Equal([3], _probe["gen_ai.server.time_to_first_token"]);
        Assert.Equal([1], _probe["gen_ai.server.time_per_output_token"]);
        Assert.Equal([7], _probe["gen_ai.server.request.duration"]);
        Assert.Equal([null], _probe.Errors);
        Assert.Equal([1, 1, 1, 1, 1], _probe["smollm3.step.duration"]);
        Assert.Equal([3, 1, 1, 1, 1], _probe["smollm3.step.tokens"]);
        Assert.Equal(5, _probe["smollm3.output.tokens"].Sum());
    }

    [Fact]
    public void A_reader_who_leaves_early_has_what_he_wanted()
    {
        LoopHarness harness = Harness();
        Answer answer = harness.Submit(LoopHarness.Request([1, 2, 3], maxTokens: 50));
        while (answer.Tokens.Count < 3)
        {
            harness.Step();
        }

        answer.Stream.Abandon();
        harness.Run();

        Assert.Equal([null], _probe.Errors);
        Assert.Null(answer.Error);
        Assert.Single(_probe["gen_ai.server.time_per_output_token"]);
    }

    [Fact]
    public void Prefixes_dropped_for_lack_of_slots_are_counted()
    {
        LoopHarness harness = Harness(sequences: 2);
        for (int i = 0; i < 10; i++)
        {
            harness.Submit(LoopHarness.Request([i, i, i, i], maxTokens: 1));
            harness.Run();
        }

        Assert.Equal(8, _probe["smollm3.kv.evictions"].Sum());
    }

    [Fact]
    public void What_a_constraint_cancels_is_an_error_and_leaves_nothing_behind()
    {
        LoopHarness harness = Harness();
        OperationCanceledException bug = new("an inner timeout of the constraint");
        Answer answer = harness.Submit(LoopHarness.Request([1, 2]) with { Constraints = [new Throwing(bug)] });
        harness.Run();

        Assert.Same(bug, answer.Error);
        Assert.Equal(harness.Engine.Limits.CapacityTokens, harness.Engine.FreeTokens);
    }

    [Fact]
    public void A_request_that_cannot_be_made_is_not_counted()
    {
        LoopHarness harness = Harness();
        Assert.Throws<IOException>(() => harness.Submit(LoopHarness.Request([1]) with { Constraints = new NoList() }));
        Assert.Equal(0, harness.Loop.Load.Waiting);
    }

    private sealed class Throwing(Exception error) : ITokenConstraint
    {
        public bool TryForce(out int token) => throw error;

        public void Mask(Span<float> logits)
        {
        }

        public void Accept(int token)
        {
        }
    }

    private sealed class NoList : IReadOnlyList<ITokenConstraint>
    {
        public int Count => throw new IOException();

        public ITokenConstraint this[int index] => throw new IOException();

        public IEnumerator<ITokenConstraint> GetEnumerator() => throw new IOException();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => throw new IOException();
    }

    [Fact]
    public void Steps_report_how_many_share_them_and_prompts_what_was_known()
    {
        LoopHarness harness = Harness();
        harness.Submit(LoopHarness.Request([1, 2, 3, 4, 5, 6, 7, 8], maxTokens: 1));
        harness.Run();
        harness.Submit(LoopHarness.Request([1, 2, 3, 4, 5, 6, 7, 9], maxTokens: 2));
        harness.Submit(LoopHarness.Request([20, 21], maxTokens: 2));
        harness.Run();

        Assert.Equal(2, _probe["smollm3.step.requests"].Max());
        Assert.Equal([8, 8, 2], _probe["smollm3.prompt.tokens"]);
        Assert.Equal([0, 7, 0], _probe["smollm3.prompt.cached_tokens"]);
    }

    [Fact]
    public void Guesses_are_counted_and_those_that_stood()
    {
        LoopHarness harness = Harness(context: 128);
        harness.Engine.OnLogits = (history, logits) => logits[(history.Count + 1) % 6] = 100;
        harness.Submit(LoopHarness.Request(Enumerable.Range(0, 24).Select(i => i % 6), maxTokens: 40));
        harness.Run();

        double guessed = _probe["smollm3.draft.tokens"].Sum(), stood = _probe["smollm3.draft.accepted_tokens"].Sum();
        Assert.InRange(stood, 1, guessed);
    }

    [Fact]
    public void Requests_that_end_badly_say_how()
    {
        LoopHarness harness = Harness();
        harness.Engine.OnForward = batch =>
        {
            if (batch.Rows[0].Token == 13)
            {
                throw new IOException("broken");
            }
        };
        harness.Submit(LoopHarness.Request([13]));
        harness.Run();
        harness.Submit(LoopHarness.Request([2])).Cancel();
        harness.Run();
        harness.Submit(LoopHarness.Request([3]) with { Timeout = TimeSpan.FromSeconds(1) });
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        harness.Run();

        Assert.Equal(
            ["System.IO.IOException", "System.OperationCanceledException", "System.TimeoutException"], _probe.Errors);
    }

    [Fact]
    public void Gauges_tell_what_waits_runs_and_is_stored_until_the_loop_is_closed()
    {
        LoopHarness harness = Harness(sequences: 2, maxRunning: 1);
        Assert.Equal((0, 0), (_probe.Gauge("smollm3.queue.length"), _probe.Gauge("smollm3.kv.tokens")));
        harness.Submit(LoopHarness.Request([1, 2, 3, 4]));
        harness.Submit(LoopHarness.Request([5, 6, 7, 8]));
        harness.Submit(LoopHarness.Request([9, 10, 11, 12]));
        Assert.Equal(3, _probe.Gauge("smollm3.queue.length"));
        harness.Step();
        Assert.Equal(2, _probe.Gauge("smollm3.queue.length"));
        Assert.Equal(1, _probe.Gauge("smollm3.requests.running"));
        Assert.Equal(4, _probe.Gauge("smollm3.kv.tokens"));
        Assert.Equal(256, _probe.Gauge("smollm3.kv.capacity"));
        harness.Run();
        Assert.Equal((0, 0), (_probe.Gauge("smollm3.queue.length"), _probe.Gauge("smollm3.requests.running")));
        Assert.InRange(_probe.Gauge("smollm3.kv.tokens")!.Value, 4, 64);
        harness.Loop.Close();
        Assert.Null(_probe.Gauge("smollm3.kv.capacity"));
    }

    [Fact]
    public void Lack_of_room_and_a_full_queue_are_counted()
    {
        LoopHarness harness = Harness(context: 128, capacity: 160, maxQueued: 0);
        harness.Submit(LoopHarness.Request(Enumerable.Range(0, 16), maxTokens: 1));
        harness.Run();
        for (int i = 0; i < 4; i++)
        {
            harness.Submit(LoopHarness.Request([20 + i, 2, 3, 4], maxTokens: 100));
        }

        Assert.Throws<SmolLM3OverloadedException>(() => harness.Submit(LoopHarness.Request([1])));
        harness.Run();

        Assert.Equal(1, _probe["smollm3.queue.rejections"].Sum());
        Assert.NotEqual(0, _probe["smollm3.kv.evictions"].Sum());
        Assert.NotEqual(0, _probe["smollm3.kv.parkings"].Sum());
        Assert.Equal([null, null, null, null, null], _probe.Errors);
    }

    [Theory]
    [InlineData("smollm3.queue.duration", true)]
    [InlineData("gen_ai.server.time_to_first_token", true)]
    [InlineData("gen_ai.server.request.duration", false)]
    [InlineData("smollm3.step.duration", false)]
    public void A_listener_that_throws_ends_at_most_the_request_it_hears_of(string instrument, bool ends)
    {
        LoopHarness harness = Harness();
        Answer other = harness.Submit(LoopHarness.Request([1, 2], maxTokens: 20));
        harness.Step();
        harness.Step();
        bool throws = true;
        _probe.OnMeasure = name =>
        {
            if (throws && name == instrument)
            {
                throws = false;
                throw new IOException("broken");
            }
        };
        Answer told = harness.Submit(LoopHarness.Request([3, 4], maxTokens: 4));
        harness.Run();

        Assert.False(throws);
        Assert.Equal(20, other.Tokens.Count);
        Assert.Null(other.Error);
        Assert.Equal(ends, told.Tokens.Count < 4);
        Assert.Equal(ends || instrument == "gen_ai.server.request.duration", told.Error is IOException);
    }

    private LoopHarness Harness(
        int context = 64,
        int sequences = 4,
        int? maxRunning = null,
        int capacity = 256,
        int maxQueued = 100,
        bool drafts = true) =>
        new(new FakeEngine(new EngineLimits(context, sequences, 16, capacity)), new()
        {
            MaxMixedRows = 5,
            MaxRunning = maxRunning,
            MaxQueued = maxQueued,
            DraftsFromPrompt = drafts,
            ModelName = _model,
        });
}
