namespace SmolLM3.Inference.Gguf;

/// <summary>
/// The tensor formats this library reads, by the ids of the GGUF specification. Names are ggml's own.
/// </summary>
/// <seealso cref="GgufTensorTypes"/>
public enum GgufTensorType : uint
{
    /// <summary>IEEE single precision.</summary>
    F32 = 0,

    /// <summary>IEEE half precision.</summary>
    F16 = 1,

    /// <summary>Blocks of 32: 4 bits, one scale.</summary>
    Q4_0 = 2,

    /// <summary>Blocks of 32: 4 bits, scale and minimum.</summary>
    Q4_1 = 3,

    /// <summary>Blocks of 32: 5 bits, one scale.</summary>
    Q5_0 = 6,

    /// <summary>Blocks of 32: 5 bits, scale and minimum.</summary>
    Q5_1 = 7,

    /// <summary>Blocks of 32: 8 bits, one scale.</summary>
    Q8_0 = 8,

    /// <summary>Blocks of 256: 2 bits, 16 scales and minimums of 4 bits.</summary>
    Q2_K = 10,

    /// <summary>Blocks of 256: 3 bits, 16 signed scales of 6 bits.</summary>
    Q3_K = 11,

    /// <summary>Blocks of 256: 4 bits, 8 scales and minimums of 6 bits.</summary>
    Q4_K = 12,

    /// <summary>Blocks of 256: 5 bits, 8 scales and minimums of 6 bits.</summary>
    Q5_K = 13,

    /// <summary>Blocks of 256: 6 bits, 16 signed scales of 8 bits.</summary>
    Q6_K = 14,

    /// <summary>The upper half of IEEE single precision.</summary>
    BF16 = 30,
}
