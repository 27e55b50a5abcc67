using LLama.Native;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>Types of keys and values as llama.cpp has them.</summary>
internal static class LlamaKvType
{
    // GGML's Q8_0: 32 numbers of a byte, and their scale as a half.
    private const int BlockNumbers = 32;
    private const int BlockBytes = 34;

    /// <summary>GGML's type.</summary>
    public static GGMLType Of(KvCacheType type) =>
        type == KvCacheType.Q8_0 ? GGMLType.GGML_TYPE_Q8_0 : GGMLType.GGML_TYPE_F16;

    /// <summary>Memory of the keys and values of one token, in bytes.</summary>
    public static int BytesPerToken(ModelConfig config, KvCacheType type)
    {
        long numbers = 2L * config.Layers * config.KvWidth;
        return (int)(type == KvCacheType.Q8_0 ? numbers / BlockNumbers * BlockBytes : numbers * sizeof(ushort));
    }
}
