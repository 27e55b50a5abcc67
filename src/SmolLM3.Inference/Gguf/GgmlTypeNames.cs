namespace SmolLM3.Inference.Gguf;

/// <summary>Names of the tensor types that exist but are not read here, so that an error can name them.</summary>
internal static class GgmlTypeNames
{
    /// <summary>"IQ4_XS (type 23)", or "an unknown type (id 99)".</summary>
    public static string Describe(uint id)
        => Find(id) is { } name ? $"{name} (type {id})" : $"an unknown type (id {id})";

    private static string? Find(uint id) => id switch
    {
        4 => "Q4_2",
        5 => "Q4_3",
        9 => "Q8_1",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        31 => "Q4_0_4_4",
        32 => "Q4_0_4_8",
        33 => "Q4_0_8_8",
        34 => "TQ1_0",
        35 => "TQ2_0",
        36 => "IQ4_NL_4_4",
        37 => "IQ4_NL_4_8",
        38 => "IQ4_NL_8_8",
        39 => "MXFP4",
        40 => "NVFP4",
        41 => "Q1_0",
        42 => "Q2_0",
        _ => GgufTensorTypes.IsSupported((GgufTensorType)id) ? ((GgufTensorType)id).ToString() : null,
    };
}
