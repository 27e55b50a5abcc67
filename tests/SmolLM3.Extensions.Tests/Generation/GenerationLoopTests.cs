using SmolLM3.Extensions.Tests.Sampling;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

public sealed class GenerationLoopTests
{
    [Fact]
    public void A_request_gives_what_its_history_and_seed_say()
    {
        var harness = new LoopHarness();
        Answer answer = harness.Submit(LoopHarness.Request([1, 2, 3], maxTokens: 10));

        harness.Run();

        Assert.Equal(Reference.Generate(answer.Request, 64), answer.Ids);
        Assert.Equal(10, answer.Tokens.Count);
        Assert.Equal(GenerationEnd.Length, answer.End);
        Assert.All(answer.Tokens.SkipLast(1), token => Assert.Null(token.End));
        Assert.True(answer.IsOver);
        Assert.Null(answer.Error);
    }

    [Fact]
    public void A_stop_token_is_delivered_and_is_the_last()
    {
        var harness = new LoopHarness();
        GenerationRequest request = LoopHarness.Request([1, 2, 3], maxTokens: 40);
        int stop = Reference.Generate(request, 64)[5];
        Answer answer = harness.Submit(request with { StopTokens = [stop] });

        harness.Run();

        Assert.Equal(stop, answer.Ids.Last());
        Assert.Equal(GenerationEnd.Stop, answer.End);
        Assert.DoesNotContain(stop, answer.Ids.SkipLast(1));
    }

    [Fact]
    public void Without_a_limit_an_answer_ends_with_the_context()
    {
        var harness = new LoopHarness(context: 20);
        Answer answer = harness.Submit(LoopHarness.Request([1, 2, 3]) with { MaxTokens = null });

        harness.Run();

        Assert.Equal(17, answer.Tokens.Count);
        Assert.Equal(GenerationEnd.Length, answer.End);
    }

    [Fact]
    public void A_long_prompt_holds_no_stream_up()
    {
        var harness = new LoopHarness(context: 128, rows: 16);
        Answer stream = harness.Submit(LoopHarness.Request([1], maxTokens: 100));
        harness.Step();
        Answer newcomer = harness.Submit(LoopHarness.Request(Enumerable.Repeat(3, 60)));

        int steps = 0;
        while (newcomer.Tokens.Count == 0)
        {
            int before = stream.Tokens.Count;
            harness.Step();
            steps++;
            Assert.Equal(before + 1, stream.Tokens.Count);
        }

        // One row to go with, and the harness's 4 beyond that, a step.
        Assert.Equal(60 / 5, steps);
    }

    [Fact]
    public void A_prompt_alone_uses_whole_steps()
    {
        var harness = new LoopHarness(context: 128, rows: 16);
        Answer answer = harness.Submit(LoopHarness.Request(Enumerable.Repeat(3, 64)));

        for (int i = 0; i < 4; i++)
        {
            Assert.Empty(answer.Tokens);
            harness.Step();
        }

        Assert.Single(answer.Tokens);
    }

    [Fact]
    public void Forced_tokens_are_computed_together()
    {
        var harness = new LoopHarness();
        Answer answer = harness.Submit(Request());

        harness.Step();
        Assert.Equal([7, 8, 9, 10], answer.Ids);
        harness.Step();
        harness.Step();

        Assert.Equal(GenerationEnd.Length, answer.End);
        Assert.Equal(Reference.Generate(Request(), 64), answer.Ids);

        static GenerationRequest Request() =>
            LoopHarness.Request([1, 2], maxTokens: 6) with { Constraints = [new ForcedTokens([7, 8, 9, 10])] };
    }

    [Fact]
    public void Answers_stream_in_step_with_no_allocation()
    {
        // One block a request, so that the fake engine allocates nothing either.
        var harness = new LoopHarness(new FakeEngine(new EngineLimits(1000, 4, 16, 4000), blockSize: 1000));
        Answer[] answers =
        [
            harness.Submit(LoopHarness.Request([1, 2, 3], maxTokens: 900)),
            harness.Submit(LoopHarness.Request([4, 5], maxTokens: 900) with
            {
                Sampling = new SamplingOptions { Seed = 2, TopK = 7, MinP = 0.01f, PresencePenalty = 1 },
                Constraints = [new BannedTokens([3, 4])],
            }),
        ];
        Steps(400);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Steps(400);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);

        void Steps(int count)
        {
            for (int i = 0; i < count; i++)
            {
                harness.Loop.Step();
                foreach (Answer answer in answers)
                {
                    while (answer.Stream.TryRead(out _))
                    {
                    }
                }
            }
        }
    }

    [Fact]
    public void Log_probabilities_come_with_every_token_forced_ones_too()
    {
        var harness = new LoopHarness();
        Answer answer = harness.Submit(LoopHarness.Request([1, 2], maxTokens: 3) with
        {
            Sampling = new SamplingOptions { Seed = 1, Temperature = 0, TopLogProbabilities = 2 },
            Constraints = [new ForcedTokens([7])],
        });

        harness.Run();

        Assert.Equal(7, answer.Tokens[0].LogProbabilities!.Chosen.Id);
        Assert.InRange(answer.Tokens[0].LogProbabilities!.Chosen.LogProbability, float.MinValue, 0);
        Assert.All(answer.Tokens.Skip(1), token =>
        {
            Assert.Equal(token.Id, token.LogProbabilities!.Chosen.Id);
            Assert.Equal(token.LogProbabilities.Chosen, token.LogProbabilities.Top[0]);
            Assert.Equal(2, token.LogProbabilities.Top.Count);
        });
    }
}
