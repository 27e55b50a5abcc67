using CsCheck;
using SmolLM3.Extensions.Tests.Sampling;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>Whatever else happens in the loop, a request's answer follows from its prompt, options and seed.</summary>
public sealed class GenerationWorkloadTests
{
    private const int Context = 48;
    private const int Poison = 31;
    private const int Open = 29;
    private const int Close = 30;

    // Prompts branch off a few common beginnings.
    private static readonly Gen<Arrival> _arrivals =
        from beginning in Gen.Int[0, 2]
        from shared in Gen.Int[0, 24]
        from own in Gen.Int[0, 28].Array[1, 16]
        from maxTokens in Gen.Int[1, 30]
        from seed in Gen.Long
        from kind in Gen.Int[0, 7]
        from step in Gen.Int[0, 30]
        from cancel in Gen.Frequency((4, Gen.Const(int.MaxValue)), (1, Gen.Int[0, 40]))
        from adapters in Gen.Frequency((3, Gen.Const(0)), (2, Gen.Int[1, 3]))
        select new Arrival([.. Beginning(beginning, shared), .. own], maxTokens, seed, kind, step, cancel, adapters);

    private static readonly Gen<Workload> _workloads =
        from sequences in Gen.Int[1, 5]
        from rows in Gen.Int[1, 24]
        from promptRows in Gen.Int[1, 8]
        from capacity in Gen.Int[Context / 4, 60]
        from arrivals in _arrivals.Array[1, 14]
        from mixes in Gen.Bool
        select new Workload(sequences, rows, promptRows, capacity * 4, arrivals, mixes);

    [Fact]
    public void Every_answer_is_its_own_whatever_the_neighbours() => _workloads.Sample(Check, iter: 300);

    private static void Check(Workload workload)
    {
        var limits = new EngineLimits(Context, workload.Sequences, workload.Rows, workload.Capacity);
        FakeEngine engine = new(limits);
        engine.Info = engine.Info with { MixesAdapters = workload.MixesAdapters };
        var harness = new LoopHarness(engine, new() { MaxMixedRows = workload.PromptRows });
        harness.Engine.LoadAdapter(null!);
        harness.Engine.LoadAdapter(null!);
        harness.Engine.OnForward = batch =>
        {
            foreach (BatchRow row in batch.Rows)
            {
                if (row.Token == Poison)
                {
                    throw new IOException("poisoned");
                }
            }
        };

        var answers = new Answer[workload.Arrivals.Length];
        int last = workload.Arrivals.Max(arrival => arrival.Step);
        bool busy = true;
        for (int step = 0; busy || step <= last; step++)
        {
            for (int i = 0; i < answers.Length; i++)
            {
                if (workload.Arrivals[i].Step == step)
                {
                    answers[i] = harness.Submit(workload.Arrivals[i].ToRequest());
                }

                if (workload.Arrivals[i].CancelStep == step)
                {
                    answers[i]?.Cancel();
                }
            }

            busy = harness.Step();
            foreach (Answer? answer in answers)
            {
                _ = answer?.Tokens;
            }
        }

        for (int i = 0; i < answers.Length; i++)
        {
            Check(workload.Arrivals[i], answers[i]);
        }
    }

    private static void Check(Arrival arrival, Answer answer)
    {
        List<int> expected = Reference.Generate(arrival.ToRequest(), Context);
        Assert.True(answer.IsOver);
        Assert.All(answer.Tokens.SkipLast(1), token => Assert.Null(token.End));
        Assert.Single(answer.Tokens.Select(token => token.CachedPromptTokens).DefaultIfEmpty(0).Distinct());
        switch (answer.Error)
        {
            case null:
                Assert.False(arrival.IsPoisoned);
                Assert.Equal(expected, answer.Ids);
                Assert.Equal(
                    arrival.StopTokens.Contains(expected[^1]) ? GenerationEnd.Stop : GenerationEnd.Length, answer.End);
                break;
            case IOException:
                Assert.True(arrival.IsPoisoned);
                Assert.Empty(answer.Tokens);
                break;
            default:
                Assert.IsAssignableFrom<OperationCanceledException>(answer.Error);
                Assert.NotEqual(int.MaxValue, arrival.CancelStep);
                Assert.Equal(expected.Take(answer.Tokens.Count), answer.Ids);
                break;
        }
    }

    private static IEnumerable<int> Beginning(int which, int length) =>
        Enumerable.Range(0, length).Select(i => ((which * 7) + (i * i)) % 29);

    private sealed record Arrival(
        int[] Prompt, int MaxTokens, long Seed, int Kind, int Step, int CancelStep, int Adapters)
    {
        public bool IsPoisoned => Kind == 7;

        public int[] StopTokens => Kind % 2 == 0 ? [0, 1] : [];

        public GenerationRequest ToRequest() => new()
        {
            PromptTokens = IsPoisoned ? [.. Prompt, Poison] : Prompt,
            Sampling = new SamplingOptions
            {
                Seed = Seed,
                Temperature = Kind == 1 ? 0 : 0.8f,
                TopK = Kind == 2 ? 5 : 0,
                MinP = Kind == 3 ? 0.1f : 0,
                RepetitionPenalty = Kind == 4 ? 1.3f : 1,
                FrequencyPenalty = Kind == 5 ? 0.7f : 0,
            },
            StopTokens = StopTokens,
            MaxTokens = Kind == 6 ? null : MaxTokens,
            Adapters = Adapters switch
            {
                0 => AdapterSet.None,
                3 => new(new AdapterUse(1, 0.5f), new AdapterUse(0, 1)),
                _ => new(new AdapterUse(Adapters - 1, 1)),
            },
            Constraints =
            [
                new BannedTokens([Poison]),
                .. Kind == 3 ? [new ForcedTokens([5, 6, 7])] : (ITokenConstraint[])[],
                .. Kind == 5 ? [new ThinkingBudget(Open, Close, 3, [2, Close, 3])] : (ITokenConstraint[])[],
            ],
        };
    }

    private sealed record Workload(
        int Sequences, int Rows, int PromptRows, int Capacity, Arrival[] Arrivals, bool MixesAdapters);
}
