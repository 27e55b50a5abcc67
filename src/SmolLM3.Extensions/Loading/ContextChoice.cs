using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Loading;

/// <summary>How long a conversation may be, and why.</summary>
/// <param name="Length">In tokens.</param>
/// <param name="Reason">What settled it, for the log.</param>
internal readonly record struct ContextChoice(int Length, string Reason)
{
    /// <summary>Settles it for a file before an engine is made.</summary>
    public static ContextChoice For(ModelKey key, GgufFile file)
    {
        ModelSizes sizes = ModelSizes.Read(file.Metadata, key.YarnFactor, key.KvCacheType);
        if (key.ContextLength is { } asked)
        {
            return new(asked, asked > sizes.ContextLength
                ? $"as SmolLM3Options asks, beyond the {sizes.ContextLength} the model was made for: set YarnFactor"
                : "as SmolLM3Options asks");
        }

        // Weights in a mapped file take memory too, once they are read.
        return Default(sizes.ContextLength, sizes.KvBytesPerToken, FreeMemory.Measure() - file.Length);
    }

    /// <summary>The context when nobody says: the least of the model's limit, 32,768 and what half of the free memory
    /// holds, but no less than 1,024 where the model has that.</summary>
    /// <param name="modelLimit">Positions the model takes, in tokens.</param>
    /// <param name="kvBytesPerToken">Memory one token takes, in bytes.</param>
    /// <param name="freeBytes">Memory that is free once the weights are in it, in bytes.</param>
    public static ContextChoice Default(int modelLimit, long kvBytesPerToken, long freeBytes)
    {
        double held = Math.Max(0, freeBytes) * SmolLM3Defaults.MemoryShare / Math.Max(1, kvBytesPerToken);
        int fitting = (int)Math.Clamp(held, SmolLM3Defaults.MinContextLength, SmolLM3Defaults.MaxContextLength);
        return modelLimit <= fitting ? new(modelLimit, "the model's limit")
            : fitting == SmolLM3Defaults.MaxContextLength ? new(fitting, "the default")
            : new(fitting, "what half of the free memory holds");
    }
}
