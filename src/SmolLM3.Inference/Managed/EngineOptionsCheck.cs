using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Managed;

/// <summary>The ranges of <see cref="EngineOptions"/>.</summary>
internal static class EngineOptionsCheck
{
    /// <summary>Checks them all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside.</exception>
    public static void Check(EngineOptions options)
    {
        AtLeastOne(options.ContextLength, nameof(options.ContextLength));
        AtLeastOne(options.MaxSequences, nameof(options.MaxSequences));
        AtLeastOne(options.MaxBatchRows, nameof(options.MaxBatchRows));
        AtLeastOne(options.CapacityTokens ?? 1, nameof(options.CapacityTokens));
        AtLeastOne(options.Threads ?? 1, nameof(options.Threads));
        if (!Enum.IsDefined(options.KvCacheType))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.KvCacheType, $"{nameof(options.KvCacheType)} is not a type there is.");
        }

        if (options.YarnFactor is { } factor && !(factor >= 1 && float.IsFinite(factor)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), factor, $"{nameof(options.YarnFactor)} is a number from 1 (none) up.");
        }
    }

    private static void AtLeastOne(int value, string name)
    {
        if (value < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(EngineOptions), value, $"{name} is at least 1.");
        }
    }
}
