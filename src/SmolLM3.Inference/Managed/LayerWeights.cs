namespace SmolLM3.Inference.Managed;

/// <summary>The weights of one layer, shapes as <c>[outputs, inputs]</c>.</summary>
internal sealed unsafe class LayerWeights
{
    /// <summary>Shape <c>[width]</c>.</summary>
    public required float* AttentionNorm { get; init; }

    /// <summary>Shape <c>[query width, width]</c>.</summary>
    public required WeightMatrix Query { get; init; }

    /// <summary>Shape <c>[KV width, width]</c>.</summary>
    public required WeightMatrix Key { get; init; }

    /// <summary>Shape <c>[KV width, width]</c>.</summary>
    public required WeightMatrix Value { get; init; }

    /// <summary>Shape <c>[width, query width]</c>.</summary>
    public required WeightMatrix AttentionOutput { get; init; }

    /// <summary>Shape <c>[width]</c>.</summary>
    public required float* FeedForwardNorm { get; init; }

    /// <summary>Shape <c>[feed-forward width, width]</c>.</summary>
    public required WeightMatrix Gate { get; init; }

    /// <summary>Shape <c>[feed-forward width, width]</c>.</summary>
    public required WeightMatrix Up { get; init; }

    /// <summary>Shape <c>[width, feed-forward width]</c>.</summary>
    public required WeightMatrix Down { get; init; }
}
