using System.Diagnostics;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Times an engine at one prompt and at decoding from an empty context, each several times.</summary>
internal static class SpeedTest
{
    public sealed record Work(int PromptTokens, int GeneratedTokens, int Repetitions);

    /// <summary>Speeds in tokens a second over the repetitions.</summary>
    public sealed record Measurement(string Test, double Median, double Least, double Most)
    {
        public static Measurement Of(string test, double[] speeds)
        {
            Array.Sort(speeds);
            return new Measurement(test, speeds[speeds.Length / 2], speeds[0], speeds[^1]);
        }
    }

    public static IReadOnlyList<Measurement> Run(IInferenceEngine engine, Work work, CancellationToken cancellationToken)
    {
        var batch = new Batch(engine.Limits.MaxBatchRows);

        // The first pass touches every page of the file and lets the JIT finish; it does not count.
        Prompt(engine, batch, Math.Min(16, work.PromptTokens), cancellationToken);
        Decode(engine, batch, 4, cancellationToken);

        return [Measure("prompt", work.PromptTokens, Prompt), Measure("decode", work.GeneratedTokens, Decode)];

        Measurement Measure(string test, int tokens, Action<IInferenceEngine, Batch, int, CancellationToken> run)
        {
            var speeds = new double[work.Repetitions];
            for (int i = 0; i < speeds.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                run(engine, batch, tokens, cancellationToken);
                speeds[i] = tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            return Measurement.Of($"{test} {tokens}", speeds);
        }
    }

    private static void Prompt(IInferenceEngine engine, Batch batch, int tokens, CancellationToken cancellationToken)
    {
        engine.Truncate(sequence: 0, length: 0);
        for (int start = 0; start < tokens; start += batch.Capacity)
        {
            cancellationToken.ThrowIfCancellationRequested();
            batch.Clear();
            int end = Math.Min(start + batch.Capacity, tokens);
            for (int position = start; position < end; position++)
            {
                batch.Add(sequence: 0, position, Token(engine, position), logits: position == tokens - 1);
            }

            Forward(engine, batch);
        }
    }

    private static void Decode(IInferenceEngine engine, Batch batch, int tokens, CancellationToken cancellationToken)
    {
        engine.Truncate(sequence: 0, length: 0);
        for (int position = 0; position < tokens; position++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            batch.Clear();
            batch.Add(sequence: 0, position, Token(engine, position), logits: true);
            Forward(engine, batch);
        }
    }

    private static void Forward(IInferenceEngine engine, Batch batch)
    {
        if (engine.Forward(batch) == ForwardStatus.OutOfRoom)
        {
            throw new InvalidOperationException("The engine has no room for the context it was made for.");
        }
    }

    /// <summary>Any tokens do: the work does not depend on them.</summary>
    private static int Token(IInferenceEngine engine, int position) => position * 7919 % engine.Model.VocabularySize;
}
