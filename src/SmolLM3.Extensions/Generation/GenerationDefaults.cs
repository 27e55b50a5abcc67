namespace SmolLM3.Extensions.Generation;

/// <summary>The numbers generation starts from, each with its reason.</summary>
internal static class GenerationDefaults
{
    /// <summary>Tokens of an answer that a sequence has room for from the start, so that most never grow.</summary>
    public const int ReservedAnswerTokens = 1024;
}
