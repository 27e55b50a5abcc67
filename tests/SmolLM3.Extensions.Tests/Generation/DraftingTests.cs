using CsCheck;
using SmolLM3.Extensions.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>Drafting changes how many steps an answer takes, and nothing else.</summary>
public sealed class DraftingTests
{
    private const int Context = 128;
    private static readonly Gen<(int[][] Prompts, int Rows, long Seed, double Copying)> _workloads =
        Gen.Select(Gen.Int[0, 6].Array[3, 20].Array[1, 5], Gen.Int[1, 6], Gen.Long, Gen.Double[0, 1]);

    private static readonly int[] s_text = [.. Enumerable.Range(0, 24).Select(i => (i * i) % 29)];

    [Fact]
    public void An_answer_that_copies_takes_fewer_steps()
    {
        (int drafted, IEnumerable<int> ids) = Run(drafts: true, copies: true);
        (int plain, IEnumerable<int> same) = Run(drafts: false, copies: true);

        Assert.Equal(same, ids);
        Assert.InRange(drafted, 1, plain / 2);
    }

    [Fact]
    public void An_answer_that_does_not_copy_takes_as_many()
    {
        (int drafted, IEnumerable<int> ids) = Run(drafts: true, copies: false);
        (int plain, IEnumerable<int> same) = Run(drafts: false, copies: false);

        Assert.Equal(same, ids);
        Assert.Equal(plain, drafted);
    }

    [Fact]
    public void Without_room_for_guesses_there_are_none()
    {
        // The last block is full with what must be stored.
        var engine = Copying(new EngineLimits(64, 1, 16, 32));
        var harness = new LoopHarness(engine);
        Answer answer = harness.Submit(LoopHarness.Request(s_text[..20], maxTokens: 11));
        harness.Run();

        Assert.Equal(11, answer.Tokens.Count);
        Assert.Null(answer.Error);
    }

    [Fact]
    public void An_engine_that_is_not_batch_invariant_guesses_for_greedy_requests_only()
    {
        foreach ((float temperature, bool drafts) in ((float, bool)[])[(0, true), (1, false)])
        {
            FakeEngine engine = Copying(new EngineLimits(Context, 1, 16, 256));
            engine.Info = engine.Info with { IsBatchInvariant = false };
            GenerationRequest request = LoopHarness.Request([.. s_text, .. s_text[..4]], maxTokens: 20);
            var harness = new LoopHarness(engine);
            harness.Submit(request with { Sampling = request.Sampling with { Temperature = temperature } });
            int steps = 0;
            while (harness.Step())
            {
                steps++;
            }

            Assert.Equal(drafts, steps < 20);
        }
    }

    [Fact]
    public void Answers_are_the_same_with_guesses_or_without() =>
        _workloads.Sample((prompts, rows, seed, copying) =>
        {
            List<int>[] answers = [.. ((bool[])[true, false]).Select(drafts =>
            {
                FakeEngine engine = Copying(new EngineLimits(Context, 3, rows, 400), copying);
                var harness = new LoopHarness(engine, new() { MaxMixedRows = 3, DraftsFromPrompt = drafts });
                Answer[] all = [.. prompts.Select(prompt => harness.Submit(
                    LoopHarness.Request(prompt, maxTokens: 30, seed) with { StopTokens = [5] }))];
                harness.Run();
                return all.SelectMany(answer => answer.Ids.Append(-1)).ToList();
            })];
            Assert.Equal(answers[1], answers[0]);
        }, iter: 200);

    private static (int Steps, IEnumerable<int> Ids) Run(bool drafts, bool copies)
    {
        FakeEngine engine = Copying(new EngineLimits(Context, 2, 16, 256), copies ? 1 : 0);
        var harness = new LoopHarness(engine, new() { DraftsFromPrompt = drafts });
        Answer answer = harness.Submit(LoopHarness.Request([.. s_text, .. s_text[..4]], maxTokens: 40));
        int steps = 0;
        while (harness.Step())
        {
            steps++;
        }

        return (steps, answer.Ids);
    }

    // Goes on as what followed the last two tokens when they came before, as often as it is told to; else as ever.
    private static FakeEngine Copying(EngineLimits limits, double share = 1) => new(limits)
    {
        OnLogits = (history, logits) =>
        {
            int last = history.Count - 1;
            for (int end = last - 1; end > 0 && last * 0.618 % 1 < share; end--)
            {
                if (history[end] == history[last] && history[end - 1] == history[last - 1])
                {
                    logits[history[end + 1]] += 100;
                    return;
                }
            }
        },
    };
}
