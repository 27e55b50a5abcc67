using SmolLM3.Inference.Engine;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>What a test found; its properties are the keys of its JSON line.</summary>
internal sealed record SpeedResult
{
    public required string Test { get; init; }

    public required int Depth { get; init; }

    public required int Sequences { get; init; }

    public required int Threads { get; init; }

    public required string Kernel { get; init; }

    /// <summary>The median over the repetitions, of all sequences together.</summary>
    public required double TokensPerSecond { get; init; }

    public required double Min { get; init; }

    public required double Max { get; init; }

    /// <summary>See <see cref="Traffic"/>; null for prompts, whose batches use what they read many times.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Of the read bandwidth measured with the same threads.</summary>
    public double? ShareOfBandwidth { get; init; }

    /// <summary>See <see cref="ResidentMemory"/>; after the test, with what the tests before it have left.</summary>
    public required long ResidentBytes { get; init; }

    public static SpeedResult Of(
        BenchTest test, EngineInfo engine, double[] speeds, double bytesPerStep, double bandwidth)
    {
        double[] sorted = [.. speeds.Order()];
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        double? bytesPerSecond = test.IsPrompt ? null : median / test.Sequences * bytesPerStep;
        return new SpeedResult
        {
            Test = test.Name,
            Depth = test.Depth,
            Sequences = test.Sequences,
            Threads = engine.Threads,
            Kernel = engine.Kernels,
            TokensPerSecond = Math.Round(median, 3),
            Min = Math.Round(sorted[0], 3),
            Max = Math.Round(sorted[^1], 3),
            BytesPerSecond = bytesPerSecond is { } bytes ? Math.Round(bytes) : null,
            ShareOfBandwidth = bytesPerSecond is { } b ? Math.Round(b / bandwidth, 3) : null,
            ResidentBytes = ResidentMemory.Measure(),
        };
    }
}
