using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed;

/// <summary>The sizes and constants of a model.</summary>
internal sealed record ModelConfig
{
    /// <summary>The one architecture this engine runs.</summary>
    public const string SupportedArchitecture = "smollm3";

    /// <summary>Layers between embedding and head.</summary>
    public required int Layers { get; init; }

    /// <summary>Numbers in a hidden row.</summary>
    public required int Width { get; init; }

    /// <summary>Numbers in a row inside the feed-forward network.</summary>
    public required int FeedForwardWidth { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads; each serves <see cref="Group"/> query heads.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Numbers in one head.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>Token ids.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Positions the file says it was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>What keeps a norm from dividing by zero.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>Numbers of a head that rotary embedding turns.</summary>
    public required int RopeDimensions { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public required double RopeBase { get; init; }

    /// <summary>How positions are stretched, or null.</summary>
    public RopeScaling? Scaling { get; init; }

    /// <summary>The model's name, or null.</summary>
    public string? Name { get; init; }

    /// <summary>Query heads to a KV head.</summary>
    public int Group => Heads / KvHeads;

    /// <summary>Numbers in the queries of a row.</summary>
    public int QueryWidth => Heads * HeadDimension;

    /// <summary>Numbers in the keys, and in the values, of a row.</summary>
    public int KvWidth => KvHeads * HeadDimension;

    /// <summary>Bytes of the keys and values of one token.</summary>
    public int KvBytesPerToken(KvCacheType type) =>
        Layers * KvHeads * new AttentionShape(HeadDimension, BlockTokens: 1, type).TokenBytes;

    /// <summary>What attention scores are multiplied by.</summary>
    public float AttentionScale => 1 / MathF.Sqrt(HeadDimension);

    /// <summary>Positions the model was made for, stretching included.</summary>
    public int TrainedContextLength => Scaling is null
        ? ContextLength
        : (int)Math.Min(int.MaxValue, Math.Round(Scaling.OriginalContextLength * (double)Scaling.Factor));

    /// <summary>Whether a layer turns its queries and keys. SmolLM3 leaves every fourth layer without positions; no
    /// metadata key says so, the architecture does.</summary>
    public static bool UsesRope(int layer) => (layer + 1) % 4 != 0;
}
