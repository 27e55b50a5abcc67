using SmolLM3.Extensions.Adapters;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Loading;

/// <summary>What makes two clients share one model in memory: the same source on the same engine settings.</summary>
internal sealed record ModelKey(
    ModelSource Source,
    int? ContextLength,
    int MaxSequences,
    int? CapacityTokens,
    int? Threads,
    float? YarnFactor,
    KvCacheType KvCacheType,
    int MaxQueuedRequests,
    int? MaxCachedTokens,
    TimeSpan TargetStepTime,
    bool DraftFromPrompt,
    AdapterFiles Adapters,
    IEngineFactory Factory)
{
    /// <summary>What runs it; null: an engine of this process.</summary>
    public IModelHost? Host { get; init; }

    public static ModelKey From(SmolLM3Options options, ModelSource source, IEngineFactory factory) => new(
        source,
        options.ContextLength,
        options.MaxSequences,
        options.CapacityTokens,
        options.Threads,
        options.YarnFactor,
        options.KvCacheType,
        options.MaxQueuedRequests,
        options.MaxCachedTokens,
        options.TargetStepTime,
        options.DraftFromPrompt,
        AdapterFiles.From(options),
        options.FindEngine() ?? factory) { Host = options.FindHost() };
}
