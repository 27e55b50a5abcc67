namespace SmolLM3.Extensions;

/// <summary>The numbers <see cref="SmolLM3Options"/> starts from, each with its reason.</summary>
internal static class SmolLM3Defaults
{
    /// <summary>The model card recommends temperature 0.6 with top_p 0.95.</summary>
    public const float Temperature = 0.6f;

    /// <summary>The model card recommends temperature 0.6 with top_p 0.95.</summary>
    public const float TopP = 0.95f;

    /// <summary>Half of what the model was made for (65,536): 2.3 GiB of keys and values at full size, which a
    /// notebook has; who needs more says so.</summary>
    public const int MaxContextLength = 32_768;

    /// <summary>What is taken when memory holds less: below this a tool list and one answer no longer fit.</summary>
    public const int MinContextLength = 1_024;

    /// <summary>Enough for an agent with several conversations; a sequence costs a few bytes until it is
    /// used.</summary>
    public const int MaxSequences = 16;

    /// <summary>More than any machine computes at once; each costs a table of its context.</summary>
    public const int MostSequences = 1024;

    /// <summary>Beside those that run, sequences that keep earlier prompts.</summary>
    public const int KeptSequences = 16;

    /// <summary>More than a person would wait for; a server with better knowledge sets its own.</summary>
    public const int MaxQueuedRequests = 256;

    /// <summary>Reading goes on at four tokens a second, and prompts still come in at most of their speed.</summary>
    public static readonly TimeSpan TargetStepTime = TimeSpan.FromMilliseconds(250);

    /// <summary>A few sentences.</summary>
    public const int LowThinkingTokens = 512;

    /// <summary>What a school problem takes.</summary>
    public const int MediumThinkingTokens = 2_048;

    /// <summary>What a competition problem takes.</summary>
    public const int HighThinkingTokens = 8_192;

    /// <summary>The output length the model card gives for thinking.</summary>
    public const int ExtraHighThinkingTokens = 32_768;

    /// <summary>One part in this many of the output is left for the answer, whatever the thoughts take.</summary>
    public const int AnswerPart = 4;

    /// <summary>Without MaxOutputTokens, one part in this many of the context is kept for the answer when old turns
    /// are left out: as much as <see cref="HighThinkingTokens"/> of a context of
    /// <see cref="MaxContextLength"/>.</summary>
    public const int OverflowAnswerPart = 4;

    /// <summary>No more than one part in this many is kept, whatever MaxOutputTokens says: a conversation that is
    /// forgotten is of no use to a long answer.</summary>
    public const int MostOverflowAnswerPart = 2;

    /// <summary>Part of the free memory that keys and values may take: the rest of the program lives here
    /// too.</summary>
    public const double MemoryShare = 0.5;
}
