using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Cli.Info;

/// <summary>What one full context takes.</summary>
/// <param name="Tokens">Its length.</param>
/// <param name="KvBytes">Its keys and values.</param>
/// <param name="TotalBytes">With the weights; the engine's buffers come on top.</param>
/// <param name="YarnFactorNeeded">The least factor of YaRN that reaches it; null: the model was made for it.</param>
internal sealed record ContextFacts(int Tokens, long KvBytes, long TotalBytes, double? YarnFactorNeeded)
{
    public static ContextFacts Of(int tokens, ModelConfig config, long weightBytes, KvCacheType kvCacheType)
    {
        long kvBytes = (long)tokens * config.KvBytesPerToken(kvCacheType);
        int original = config.Scaling?.OriginalContextLength ?? config.ContextLength;
        return new ContextFacts(tokens, kvBytes, weightBytes + kvBytes, tokens <= config.TrainedContextLength
            ? null
            : Math.Ceiling(tokens * 100.0 / original) / 100);
    }
}
