namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>How a matrix product wants its activations.</summary>
internal enum ActivationFormat
{
    /// <summary>Single precision, unchanged.</summary>
    Float32,

    /// <summary>8-bit integers with one scale for 32 values.</summary>
    Q8_0,

    /// <summary>8-bit integers with one scale and the sums of 16 and of 32 for 256 values.</summary>
    Q8_K,
}
