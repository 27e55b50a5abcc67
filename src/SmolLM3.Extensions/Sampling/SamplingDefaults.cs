namespace SmolLM3.Extensions.Sampling;

/// <summary>The numbers sampling starts from, each with its reason.</summary>
internal static class SamplingDefaults
{
    /// <summary>The model card of SmolLM3-3B: "We recommend setting temperature=0.6 and top_p=0.95".</summary>
    public const float Temperature = 0.6f;

    /// <summary>The model card of SmolLM3-3B, as above.</summary>
    public const float TopP = 0.95f;

    /// <summary>The largest penalty of either sign that OpenAI's chat API takes.</summary>
    public const float MaxPenalty = 2;

    /// <summary>The longest list of rivals that OpenAI's chat API returns.</summary>
    public const int MaxTopLogProbabilities = 20;
}
