namespace SmolLM3.Inference.Engine;

/// <summary>How an engine is set up. Values that are null are settled by the engine and told by its limits.</summary>
public sealed record EngineOptions
{
    /// <summary>Most tokens of one sequence.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Number of sequences.</summary>
    public int MaxSequences { get; init; } = EngineDefaults.MaxSequences;

    /// <summary>Most rows of one forward pass.</summary>
    public int MaxBatchRows { get; init; } = EngineDefaults.MaxBatchRows;

    /// <summary>Tokens of all sequences together; null: one full context.</summary>
    public int? CapacityTokens { get; init; }

    /// <summary>Threads that compute; null: the cores this process may use.</summary>
    public int? Threads { get; init; }

    /// <summary>How keys and values are kept.</summary>
    public KvCacheType KvCacheType { get; init; }

    /// <summary>Factor by which YaRN stretches the context; null: what the file says, 1: none.</summary>
    public float? YarnFactor { get; init; }

    /// <summary>The managed engine's kernels by name: <c>avx512</c>, <c>avx2</c>, <c>vector128</c> or <c>scalar</c>;
    /// null: what the environment variable <c>SMOLLM3_KERNELS</c> names, else the best this machine can run.</summary>
    public string? Kernels { get; init; }
}
