using System.Diagnostics;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>The wait of somebody who starts the program: runtime, file, engine and one prompt. Once in a process, and
/// before anything else has been done in it.</summary>
internal static class FirstToken
{
    /// <summary>What was found; its properties are the keys of its JSON line.</summary>
    public sealed record Result(
        string Test, int Depth, int Sequences, int Threads, string Kernel, double Milliseconds, long ResidentBytes);

    public static Result Measure(
        ModelSource model, int tokens, int threads, string? kernels, KvCacheType kvCacheType,
        CancellationToken cancellationToken)
    {
        using GgufFile file = model.Open();
        using var engine = new ManagedEngine(file, new EngineOptions
        {
            ContextLength = tokens, MaxSequences = 1, Threads = threads, Kernels = kernels, KvCacheType = kvCacheType,
        });
        new SpeedTest(engine, cancellationToken).Append(tokens, logits: true);
        DateTime end = DateTime.UtcNow;

        using Process process = Process.GetCurrentProcess();
        double milliseconds = (end - process.StartTime.ToUniversalTime()).TotalMilliseconds;
        return new Result(
            $"first token {tokens}", Depth: 0, Sequences: 1, engine.Info.Threads, engine.Info.Kernels,
            Math.Round(milliseconds), ResidentMemory.Measure());
    }
}
