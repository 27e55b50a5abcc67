using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>Runs tests with one number of threads after the other.</summary>
internal sealed record BenchRun
{
    /// <summary>What <see cref="SpeedTest.Run"/> says besides the repetitions.</summary>
    private const int StepsBesides = 2;

    public required EngineSettings Engine { get; init; }

    public required IReadOnlyList<BenchTest> Tests { get; init; }

    public required int Repetitions { get; init; }

    /// <summary>How often a run says <see cref="BenchProgress.Step"/>.</summary>
    public int Steps => Engine.Threads.Count * (1 + (Tests.Count * (Repetitions + StepsBesides)));

    public void Run(BenchReport report, BenchProgress progress, CancellationToken cancellationToken)
    {
        using GgufFile file = Engine.Model.Open();
        int context = Tests.Max(test => test.ContextLength), sequences = Tests.Max(test => test.Sequences);
        long capacity = Tests.Max(test => test.CapacityTokens);
        foreach (int threads in Engine.Threads)
        {
            // The engine first: it has the say about the file and the kernels, and its buffers are not touched yet.
            using ManagedEngine engine = Engine.Create(file, threads, context, capacity, sequences);
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
}
