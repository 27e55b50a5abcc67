using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Benchmarks;

/// <summary>How much is measured. Benchmarks run in this process, so that all see the same settings.</summary>
internal static class BenchmarkSettings
{
    /// <summary>Scalar kernels are bound by arithmetic, so that less memory shows their speed as well.</summary>
    private const int ScalarShare = 8;

    /// <summary>Threads that compute.</summary>
    public static int Threads { get; private set; } = Math.Min(2, Environment.ProcessorCount);

    /// <summary>Memory one pass reads; more than last-level caches hold.</summary>
    public static long Bytes { get; private set; } = 256L << 20;

    /// <summary>Names of the kernel sets this machine can run.</summary>
    public static IEnumerable<string> Sets => KernelSet.All.Where(set => set.IsSupported).Select(set => set.Name);

    /// <param name="arguments"><c>threads=2</c>, <c>megabytes=256</c>.</param>
    public static void Read(string[] arguments)
    {
        foreach (string argument in arguments)
        {
            switch (argument.Split('='))
            {
                case ["threads", var threads]:
                    Threads = int.Parse(threads);
                    break;
                case ["megabytes", var megabytes]:
                    Bytes = long.Parse(megabytes) << 20;
                    break;
                default:
                    throw new ArgumentException($"'{argument}' is neither threads=N nor megabytes=N.");
            }
        }
    }

    /// <summary>Memory one pass of this set reads.</summary>
    public static long BytesOf(string set) => set == "scalar" ? Bytes / ScalarShare : Bytes;

    /// <summary>Calls the work once on every thread at a time.</summary>
    public static void OnAllThreads(Action<int> work) =>
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, work);

    /// <summary>Short runs: there are many kernels, and a pass takes milliseconds. The second of warming up is for the
    /// JIT, which compiles a kernel three times until it is fast.</summary>
    public static IConfig Config() => ManualConfig.CreateEmpty()
        .AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(5)
            .WithIterationCount(5)
            .WithIterationTime(TimeInterval.FromMilliseconds(200)))
        .AddLogger(ConsoleLogger.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddColumn(new BytesPerSecondColumn())
        .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "artifacts")); // not where it is called from
}
