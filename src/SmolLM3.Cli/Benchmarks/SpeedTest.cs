using System.Diagnostics;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Times an engine. Sequence 0 keeps the depth between tests; the others share it while they are needed.
/// </summary>
internal sealed class SpeedTest(IInferenceEngine engine, CancellationToken cancellationToken)
{
    /// <summary>Steps of a decode that does not count; by then the JIT is done and memory has been touched.</summary>
    private const int WarmUpSteps = 16;

    private readonly Batch _batch = new(engine.Limits.MaxBatchRows);

    /// <summary>The speed of every repetition, in tokens of all sequences a second.</summary>
    public double[] Run(BenchTest test, int repetitions, BenchProgress progress)
    {
        progress.Step($"{test.Name} at {test.Depth:N0}: filling");
        Fill(test);
        progress.Step($"{test.Name} at {test.Depth:N0}: warming up");
        Time(test with { Tokens = Math.Min(test.Tokens, test.IsPrompt ? _batch.Capacity : WarmUpSteps) });

        double[] speeds = new double[repetitions];
        for (int i = 0; i < speeds.Length; i++)
        {
            progress.Step($"{test.Name} at {test.Depth:N0}: {i + 1} of {speeds.Length}");
            speeds[i] = (double)test.Tokens * test.Sequences / Time(test).TotalSeconds;
        }

        return speeds;
    }

    /// <summary>Appends tokens to sequence 0 in batches as large as the engine takes.</summary>
    /// <param name="tokens">How many.</param>
    /// <param name="logits">Whether the last one's logits are computed.</param>
    public void Append(int tokens, bool logits)
    {
        int position = engine.GetLength(0), end = position + tokens;
        while (position < end)
        {
            _batch.Clear();
            for (; position < end && _batch.Count < _batch.Capacity; position++)
            {
                _batch.Add(sequence: 0, position, Token(position), logits && position == end - 1);
            }

            Forward();
        }
    }

    private void Fill(BenchTest test)
    {
        for (int sequence = 1; sequence < engine.Limits.MaxSequences; sequence++)
        {
            engine.Truncate(sequence, 0);
        }

        engine.Truncate(0, Math.Min(engine.GetLength(0), test.Depth));
        Append(test.Depth - engine.GetLength(0), logits: false);
        for (int sequence = 1; sequence < test.Sequences; sequence++)
        {
            Require(engine.CopyPrefix(0, sequence, test.Depth));
        }
    }

    private TimeSpan Time(BenchTest test)
    {
        for (int sequence = 0; sequence < test.Sequences; sequence++)
        {
            engine.Truncate(sequence, test.Depth);
        }

        long start = Stopwatch.GetTimestamp();
        if (test.IsPrompt)
        {
            Append(test.Tokens, logits: true);
        }
        else
        {
            Decode(test);
        }

        return Stopwatch.GetElapsedTime(start);
    }

    private void Decode(BenchTest test)
    {
        for (int position = test.Depth; position < test.ContextLength; position++)
        {
            _batch.Clear();
            for (int sequence = 0; sequence < test.Sequences; sequence++)
            {
                _batch.Add(sequence, position, Token(position + sequence), logits: true);
            }

            Forward();
        }
    }

    private void Forward()
    {
        cancellationToken.ThrowIfCancellationRequested();
        Require(engine.Forward(_batch) == ForwardStatus.Completed);
    }

    private static void Require(bool fits)
    {
        if (!fits)
        {
            throw new InvalidOperationException("The engine has no room for the context it was made for.");
        }
    }

    /// <summary>Any tokens do: the work does not depend on them.</summary>
    private int Token(int position) => (int)(position * 7919L % engine.Model.VocabularySize);
}
