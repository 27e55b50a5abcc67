namespace SmolLM3.Extensions.Generation;

/// <summary>The numbers generation starts from, each with its reason.</summary>
internal static class GenerationDefaults
{
    /// <summary>Tokens of an answer that a sequence has room for from the start, so that most never grow.</summary>
    public const int ReservedAnswerTokens = 1024;

    /// <summary>Of every answer so many more tokens must have room before another request starts: who starts and has to
    /// go again has been computed in vain. A step's worth for 64 steps, by which others have ended.</summary>
    public const int GrowthTokens = 64;
}
