using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Synthetic;

/// <summary>The metadata keys of a SmolLM3 file, but the tokenizer's.</summary>
internal static class SyntheticMetadata
{
    public static void Set(GgufWriter writer, SyntheticModelOptions options)
    {
        writer.Set("general.architecture", "smollm3")
            .Set("general.type", "model")
            .Set("general.name", "Synthetic SmolLM3")
            .Set("general.quantization_version", 2u)
            .Set("general.file_type", FileType(options.TensorType))
            .Set("smollm3.block_count", (uint)options.LayerCount)
            .Set("smollm3.context_length", (uint)options.ContextLength)
            .Set("smollm3.embedding_length", (uint)options.HiddenSize)
            .Set("smollm3.feed_forward_length", (uint)options.FeedForwardSize)
            .Set("smollm3.attention.head_count", (uint)options.HeadCount)
            .Set("smollm3.attention.head_count_kv", (uint)options.KeyValueHeadCount)
            .Set("smollm3.attention.layer_norm_rms_epsilon", 1e-6f)
            .Set("smollm3.rope.freq_base", options.RopeTheta)
            .Set("smollm3.rope.dimension_count", (uint)(options.HiddenSize / options.HeadCount))
            .Set("smollm3.vocab_size", (uint)options.VocabularySize);
        if (options.YarnFactor is { } factor)
        {
            writer.Set("smollm3.rope.scaling.type", "yarn")
                .Set("smollm3.rope.scaling.factor", factor)
                .Set("smollm3.rope.scaling.original_context_length", (uint)options.YarnOriginalContextLength);
        }
    }

    // llama.cpp's numbers for "mostly this type"; shown by tools, used by nobody.
    private static uint FileType(GgufTensorType? type) => type switch
    {
        null => 15,
        GgufTensorType.F32 => 0,
        GgufTensorType.F16 => 1,
        GgufTensorType.Q4_0 => 2,
        GgufTensorType.Q4_1 => 3,
        GgufTensorType.Q8_0 => 7,
        GgufTensorType.Q5_0 => 8,
        GgufTensorType.Q5_1 => 9,
        GgufTensorType.Q2_K => 10,
        GgufTensorType.Q3_K => 12,
        GgufTensorType.Q4_K => 14,
        GgufTensorType.Q5_K => 16,
        GgufTensorType.Q6_K => 18,
        GgufTensorType.BF16 => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a supported tensor type."),
    };
}
