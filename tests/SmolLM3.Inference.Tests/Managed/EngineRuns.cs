using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Tests.Managed;

/// <summary>Running engines in tests.</summary>
internal static class EngineRuns
{
    /// <summary>An engine for tests; every test that ends disposes it and finds its store whole.</summary>
    public static ManagedEngine Create(
        GgufFile file,
        int context = 96,
        int threads = 1,
        int? capacity = null,
        int sequences = 4,
        float? yarn = null,
        KernelSet? kernels = null,
        int blockTokens = 4,
        int rows = 64,
        long? smallWork = null,
        KvCacheType kv = KvCacheType.F16)
    {
        EngineOptions options = new()
        {
            ContextLength = context,
            Threads = threads,
            CapacityTokens = capacity,
            MaxSequences = sequences,
            MaxBatchRows = rows,
            YarnFactor = yarn,
            KvCacheType = kv,
        };
        return new ManagedEngine(file, options, kernels ?? KernelSet.Default, blockTokens, smallWork);
    }

    /// <summary>Appends tokens in one batch and gives the logits of each.</summary>
    public static float[][] Append(this ManagedEngine engine, int sequence, params ReadOnlySpan<int> tokens)
    {
        Batch batch = new(tokens.Length);
        int start = engine.GetLength(sequence);
        for (int i = 0; i < tokens.Length; i++)
        {
            batch.Add(sequence, start + i, tokens[i], logits: true);
        }

        Assert.Equal(ForwardStatus.Completed, engine.Forward(batch));
        engine.Store.CheckIntegrity();
        return [.. Enumerable.Range(0, tokens.Length).Select(i => engine.GetLogits(i).ToArray())];
    }

    /// <summary>Token ids that mean nothing.</summary>
    public static int[] Tokens(int count, int seed = 0, int vocabulary = 512)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }

    /// <summary>How far log-probabilities are apart, mean taken out: the norm of the difference over the norm of the
    /// reference.</summary>
    public static double Distance(double[] reference, float[] actual)
    {
        double[] r = Centred(reference), a = Centred([.. actual.Select(value => (double)value)]);
        return Math.Sqrt(r.Zip(a, (x, y) => (x - y) * (x - y)).Sum() / r.Sum(x => x * x));
    }

    private static double[] Centred(double[] logits)
    {
        // The logarithm of the sum is the same for all, so taking the mean out takes it out, too.
        double mean = logits.Average();
        return [.. logits.Select(value => value - mean)];
    }
}
