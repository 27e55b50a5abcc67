namespace SmolLM3.Extensions.Generation;

/// <summary>The numbers generation starts from, each with its reason.</summary>
internal static class GenerationDefaults
{
    /// <summary>Most prompt rows of a step while others are being answered. Their next token waits for the whole step:
    /// 64 rows already use the weights well (they are read once a step), and more would be felt as a stutter. Tiny in
    /// debug builds, so that tests meet prompts in several pieces.</summary>
#if DEBUG
    public const int PromptRowsBesideStreams = 5;
#else
    public const int PromptRowsBesideStreams = 64;
#endif

    /// <summary>Tokens of an answer that a sequence has room for from the start, so that most never grow.</summary>
    public const int ReservedAnswerTokens = 1024;
}
