using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>What is measured, and the engines it is measured on: one for each number of threads.</summary>
/// <param name="Model">The model.</param>
/// <param name="Threads">Numbers of threads.</param>
/// <param name="Kernels">The kernels by name; null: the best.</param>
/// <param name="KvCacheType">How keys and values are kept.</param>
/// <param name="YarnFactor">Factor of YaRN; null: the file's.</param>
internal sealed record EngineSettings(
    ModelSource Model, IReadOnlyList<int> Threads, string? Kernels, KvCacheType KvCacheType, float? YarnFactor)
{
    /// <summary>Makes an engine that holds what a test needs.</summary>
    /// <exception cref="InsufficientMemoryException">That is more than any engine holds.</exception>
    public ManagedEngine Create(GgufFile file, int threads, int contextLength, long capacityTokens, int sequences) =>
        new(file, new EngineOptions
        {
            ContextLength = contextLength,
            CapacityTokens = capacityTokens <= int.MaxValue
                ? (int)capacityTokens
                : throw new InsufficientMemoryException($"{capacityTokens:N0} tokens are more than any engine holds."),
            MaxSequences = sequences,
            MaxBatchRows = Math.Max(sequences, EngineDefaults.MaxBatchRows),
            Threads = threads,
            Kernels = Kernels,
            KvCacheType = KvCacheType,
            YarnFactor = YarnFactor,
        });
}
