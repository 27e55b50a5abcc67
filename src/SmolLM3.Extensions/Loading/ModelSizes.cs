using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Loading;

/// <summary>What a file says of its model before an engine is made. Keys that are missing are the engine's to complain
/// about; here they count as nothing.</summary>
/// <param name="ContextLength">Positions the model was made for, stretching included, in tokens.</param>
/// <param name="KvBytesPerToken">Memory of the keys and values of one token, in bytes.</param>
internal readonly record struct ModelSizes(int ContextLength, long KvBytesPerToken)
{
    private const int NumbersPerScale = 32;

    public static ModelSizes Read(GgufMetadata metadata, float? yarnFactor, KvCacheType kvCacheType = KvCacheType.F16)
    {
        metadata.TryGetString("general.architecture", out string? architecture);
        long heads = Math.Max(1, Number("attention.head_count", 1));
        long headLength = Number("attention.key_length", Number("embedding_length", 0) / heads);
        long keysAndValues = 2 * Number("attention.head_count_kv", heads) * headLength * Number("block_count", 0);
        long context = Number("context_length", SmolLM3Defaults.MaxContextLength);
        double stretched = Number("rope.scaling.original_context_length", context)
            * (yarnFactor ?? (metadata.TryGetDouble($"{architecture}.rope.scaling.factor", out double f) ? f : 1));

        // The engine refuses senseless sizes; until then any number will do that is one.
        double length = double.IsNaN(stretched) ? context : Math.Max(context, stretched);
        return new(
            (int)Math.Clamp(length, 1, int.MaxValue),
            kvCacheType == KvCacheType.Q8_0
                ? keysAndValues + (keysAndValues / NumbersPerScale * sizeof(float))
                : keysAndValues * sizeof(ushort));

        long Number(string key, long absent) =>
            metadata.TryGetInt64($"{architecture}.{key}", out long value) ? value : absent;
    }
}
