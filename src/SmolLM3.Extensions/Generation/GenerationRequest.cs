using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Generation;

/// <summary>One prompt and how to go on from it.</summary>
public sealed record GenerationRequest
{
    /// <summary>Token ids of the prompt, at least one.</summary>
    public required IReadOnlyList<int> PromptTokens { get; init; }

    /// <summary>How the next token is chosen.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>Token ids that end the answer. The one that came is delivered, as the last token.</summary>
    public required IReadOnlyList<int> StopTokens { get; init; }

    /// <summary>Most tokens to generate, at least 1; null: what the prompt leaves of the context.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Most time from now to the end of the answer, waiting included; null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What limits or forces tokens, in order of precedence. They keep state, so each belongs to one request
    /// only.</summary>
    public IReadOnlyList<ITokenConstraint> Constraints { get; init; } = [];
}
