using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Synthetic;

/// <summary>Size and strength of a random adapter.</summary>
public sealed class SyntheticAdapterOptions
{
    /// <summary>The rank, at least 1.</summary>
    public int Rank { get; set; } = 16;

    /// <summary>Alpha as the file has it; 0: the file names none.</summary>
    public float Alpha { get; set; } = 32;

    /// <summary>How large what it adds is, as a part of what the model's own matrices give, alpha included.</summary>
    public float Strength { get; set; } = 0.25f;

    /// <summary>Type of the tensors, one of the float types.</summary>
    public GgufTensorType TensorType { get; set; }

    /// <summary>The same seed, options and model give the same bytes on every machine.</summary>
    public long Seed { get; set; } = 3;
}
