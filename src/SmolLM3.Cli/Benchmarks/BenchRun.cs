using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Runs tests with one number of threads after the other.</summary>
internal sealed record BenchRun
{
    /// <summary>What <see cref="SpeedTest.Run"/> says besides the repetitions.</summary>
    private const int StepsBesides = 2;

    public required string Path { get; init; }

    public required IReadOnlyList<BenchTest> Tests { get; init; }

    public required IReadOnlyList<int> Threads { get; init; }

    public required int Repetitions { get; init; }

    public string? Kernels { get; init; }

    public KvCacheType KvCacheType { get; init; }

    public float? YarnFactor { get; init; }

    /// <summary>How often a run says <see cref="BenchProgress.Step"/>.</summary>
    public int Steps => Threads.Count * (1 + (Tests.Count * (Repetitions + StepsBesides)));

    public void Run(BenchReport report, BenchProgress progress, CancellationToken cancellationToken)
    {
        using GgufFile file = GgufFile.Open(Path);
        foreach (int threads in Threads)
        {
            // The engine first: it has the say about the file and the kernels, and its buffers are not touched yet.
            using var engine = new ManagedEngine(file, ToEngineOptions(threads));
            progress.Step($"read bandwidth, {threads} threads");
            double bandwidth = ReadBandwidth.Measure(threads);
            report.Add(new BandwidthResult(threads, Math.Round(bandwidth)));

            var speed = new SpeedTest(engine, cancellationToken);
            foreach (BenchTest test in Tests)
            {
                double[] speeds = speed.Run(test, Repetitions, progress);
                double bytes = Traffic.BytesPerStep(file, engine.Model, test);
                report.Add(SpeedResult.Of(test, engine.Info, speeds, bytes, bandwidth));
            }
        }
    }

    private EngineOptions ToEngineOptions(int threads)
    {
        long capacity = Tests.Max(test => test.CapacityTokens);
        int sequences = Tests.Max(test => test.Sequences);
        return new EngineOptions
        {
            ContextLength = Tests.Max(test => test.ContextLength),
            CapacityTokens = capacity <= int.MaxValue
                ? (int)capacity
                : throw new InsufficientMemoryException($"{capacity:N0} tokens are more than any engine holds."),
            MaxSequences = sequences,
            MaxBatchRows = Math.Max(sequences, EngineDefaults.MaxBatchRows),
            Threads = threads,
            Kernels = Kernels,
            KvCacheType = KvCacheType,
            YarnFactor = YarnFactor,
        };
    }
}
