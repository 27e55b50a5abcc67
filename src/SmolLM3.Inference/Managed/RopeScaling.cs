namespace SmolLM3.Inference.Managed;

/// <summary>How a file stretches its positions beyond the length it was trained at.</summary>
/// <param name="Factor">How many times longer; 1: not at all.</param>
/// <param name="IsYarn">Whether by YaRN; else every angle is divided by the factor.</param>
/// <param name="OriginalContextLength">Positions trained before stretching.</param>
/// <param name="BetaFast">Turns within the original context from which a pair keeps its angle.</param>
/// <param name="BetaSlow">Turns up to which a pair's angle is divided by the whole factor.</param>
/// <param name="AttentionFactor">What turned queries and keys are multiplied by, stretched or not, on top of YaRN's own
/// correction.</param>
internal sealed record RopeScaling(
    float Factor,
    bool IsYarn,
    int OriginalContextLength,
    float BetaFast = RopeScaling.DefaultBetaFast,
    float BetaSlow = RopeScaling.DefaultBetaSlow,
    float AttentionFactor = 1)
{
    /// <summary>As in the YaRN paper (arXiv 2309.00071), transformers and llama.cpp.</summary>
    public const float DefaultBetaFast = 32;

    /// <summary>As in the YaRN paper (arXiv 2309.00071), transformers and llama.cpp.</summary>
    public const float DefaultBetaSlow = 1;
}
