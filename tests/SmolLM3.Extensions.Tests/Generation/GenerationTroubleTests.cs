using SmolLM3.Extensions.Tests.Sampling;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

public sealed class GenerationTroubleTests
{
    private const int Poison = 31;

    [Fact]
    public void A_request_whose_time_is_up_ends_wherever_it_is_and_others_go_on()
    {
        var harness = new LoopHarness(sequences: 1);
        Answer running = harness.Submit(LoopHarness.Request([1, 2], maxTokens: 20) with
        {
            Timeout = TimeSpan.FromSeconds(10),
        });
        Answer waiting = harness.Submit(LoopHarness.Request([3]) with { Timeout = TimeSpan.FromSeconds(5) });
        Answer patient = harness.Submit(LoopHarness.Request([4]) with { Timeout = TimeSpan.MaxValue });
        harness.Step();
        harness.Time.Advance(TimeSpan.FromSeconds(6));
        harness.Step();

        Assert.Contains("00:00:05", Assert.IsType<TimeoutException>(waiting.Error).Message);
        Assert.False(running.IsOver);

        harness.Time.Advance(TimeSpan.FromSeconds(6));
        harness.Run();

        Assert.IsType<TimeoutException>(running.Error);
        Assert.Equal(2, running.Tokens.Count);
        Assert.Equal(Reference.Generate(patient.Request, 64), patient.Ids);
    }

    [Fact]
    public void Who_has_to_make_room_loses_nothing()
    {
        var harness = new LoopHarness(capacity: 64);
        Answer[] answers = [.. Enumerable.Range(1, 4).Select(
            i => harness.Submit(LoopHarness.Request(Enumerable.Repeat(i, 10), maxTokens: 40, seed: i)))];

        harness.Run();

        Assert.All(answers, answer => Assert.Equal(Reference.Generate(answer.Request, 64), answer.Ids));
        // Room for one and a half: someone was computed twice.
        Assert.True(harness.Engine.Rows > 4 * 49);
    }

    [Fact]
    public void A_request_too_large_for_the_engine_ends_alone()
    {
        var engine = new FakeEngine(new EngineLimits(64, 4, 16, 64), missingTokens: 32);
        var harness = new LoopHarness(engine);
        Answer large = harness.Submit(LoopHarness.Request(Enumerable.Repeat(1, 40)));
        Answer grows = harness.Submit(LoopHarness.Request([2], maxTokens: 40));
        Answer small = harness.Submit(LoopHarness.Request([3]));

        harness.Run();

        Assert.Equal(64, Assert.IsType<CapacityExceededException>(large.Error).CapacityTokens);
        Assert.IsType<CapacityExceededException>(grows.Error);
        Assert.Equal(Reference.Generate(small.Request, 64), small.Ids);
        Assert.Null(small.Error);
    }

    [Fact]
    public void Cancellation_reaches_the_queue_the_prompt_and_the_answer()
    {
        var harness = new LoopHarness(sequences: 3);
        Answer stays = harness.Submit(LoopHarness.Request([1], maxTokens: 20));
        Answer answering = harness.Submit(LoopHarness.Request([2], maxTokens: 20));
        harness.Step();
        Answer prompting = harness.Submit(LoopHarness.Request(Enumerable.Repeat(3, 40)));
        Answer queued = harness.Submit(LoopHarness.Request([4]));
        harness.Step();
        int rows = harness.Engine.Rows;

        Answer[] cancelled = [answering, prompting, queued];
        Array.ForEach(cancelled, answer => answer.Cancel());
        harness.Step();

        Assert.Equal(rows + 1, harness.Engine.Rows);
        Assert.All(cancelled, answer => Assert.IsAssignableFrom<OperationCanceledException>(answer.Error));
        harness.Run();
        Assert.Equal(Reference.Generate(stays.Request, 64), stays.Ids);
    }

    [Fact]
    public void An_abandoned_request_is_computed_no_further()
    {
        var harness = new LoopHarness();
        Answer answer = harness.Submit(LoopHarness.Request([1], maxTokens: 20));
        harness.Step();

        answer.Stream.Abandon();

        Assert.False(harness.Step());
        Assert.True(answer.IsOver);
    }

    [Fact]
    public void A_constraint_that_throws_ends_its_request_only()
    {
        var harness = new LoopHarness();
        var bug = new FormatException("bug");
        Answer[] broken = [.. Enumerable.Range(0, 3).Select(member => harness.Submit(
            LoopHarness.Request([1, 2]) with { Constraints = [new Throwing(member, after: 3, bug)] }))];
        Answer other = harness.Submit(LoopHarness.Request([1, 2]));

        harness.Run();

        Assert.All(broken, answer => Assert.Same(bug, answer.Error));
        Assert.All(broken, answer => Assert.InRange(answer.Tokens.Count, 3, 4));
        Assert.Equal(Reference.Generate(other.Request, 64), other.Ids);
    }

    [Fact]
    public void A_forced_token_outside_the_vocabulary_ends_its_request_only()
    {
        var harness = new LoopHarness();
        Answer broken = harness.Submit(LoopHarness.Request([1]) with { Constraints = [new ForcedTokens([5, 99])] });
        Answer other = harness.Submit(LoopHarness.Request([1, 2]));

        harness.Run();

        Assert.IsType<ArgumentException>(broken.Error);
        Assert.Equal(Reference.Generate(other.Request, 64), other.Ids);
    }

    [Theory]
    [InlineData(float.NaN, typeof(InvalidLogitsException))]
    [InlineData(float.PositiveInfinity, typeof(InvalidLogitsException))]
    [InlineData(float.NegativeInfinity, typeof(InvalidOperationException))]
    public void Broken_logits_end_their_request_only(float value, Type error)
    {
        var harness = new LoopHarness();
        harness.Engine.OnLogits = (history, logits) => logits.AsSpan().Fill(history[0] == Poison ? value : logits[0]);
        Answer broken = harness.Submit(LoopHarness.Request([Poison]));
        Answer other = harness.Submit(LoopHarness.Request([1, 2]));

        harness.Run();

        Assert.IsType(error, broken.Error);
        Assert.Null(other.Error);
        Assert.Equal(8, other.Tokens.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_engine_failure_is_charged_to_the_guilty(bool halfDone)
    {
        var harness = new LoopHarness();
        int calls = 0;
        harness.Engine.OnForward = batch =>
        {
            if (batch.Rows.ToArray().Any(row => row.Token == Poison) && calls++ % 2 == (halfDone ? 1 : 0))
            {
                throw new IOException("broken");
            }
        };
        Answer[] others = [.. Enumerable.Range(1, 3).Select(i => harness.Submit(Sober([i, i], i)))];
        harness.Step();
        Answer guilty = harness.Submit(LoopHarness.Request([7, 7, Poison]));

        harness.Run();

        Assert.IsType<IOException>(guilty.Error);
        Assert.Empty(guilty.Tokens);
        Assert.All(others, answer => Assert.Null(answer.Error));
        Assert.All(others, answer => Assert.Equal(8, answer.Tokens.Count));
        Assert.Equal(Reference.Generate(Sober([1, 1], 1), 64), others[0].Ids);
    }

    [Fact]
    public void A_failure_that_passes_costs_nobody_anything()
    {
        var harness = new LoopHarness();
        int calls = 0;
        harness.Engine.OnForward = _ =>
        {
            if (++calls == 8)
            {
                throw new IOException("hiccup");
            }
        };
        Answer[] answers = [.. Enumerable.Range(1, 3).Select(i => harness.Submit(LoopHarness.Request([i], seed: i)))];

        harness.Run();

        Assert.True(calls > 8);
        Assert.All(answers, answer => Assert.Equal(Reference.Generate(answer.Request, 64), answer.Ids));
    }

    [Fact]
    public void Closing_ends_every_request_and_empties_the_engine()
    {
        var harness = new LoopHarness(sequences: 1);
        Answer running = harness.Submit(LoopHarness.Request([1]));
        harness.Step();
        Answer queued = harness.Submit(LoopHarness.Request([2]));
        harness.Step();
        Answer unseen = harness.Submit(LoopHarness.Request([3]));

        harness.Loop.Close();

        Assert.All([running, queued, unseen], answer => Assert.IsType<ObjectDisposedException>(answer.Error));
        Assert.Equal(0, harness.Engine.GetLength(0));
        Assert.Throws<ObjectDisposedException>(() => harness.Submit(LoopHarness.Request([4])));
    }

    private static GenerationRequest Sober(int[] prompt, long seed) =>
        LoopHarness.Request(prompt, seed: seed) with { Constraints = [new BannedTokens([Poison])] };

    private sealed class Throwing(int member, int after, Exception error) : ITokenConstraint
    {
        private int _accepted;

        public bool TryForce(out int token)
        {
            ThrowIn(0);
            token = -1;
            return false;
        }

        public void Mask(Span<float> logits) => ThrowIn(1);

        public void Accept(int token)
        {
            ThrowIn(2);
            _accepted++;
        }

        private void ThrowIn(int which)
        {
            if (which == member && _accepted == after)
            {
                throw error;
            }
        }
    }
}
