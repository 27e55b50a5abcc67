using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

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

    /// <summary>The adapters it is computed with. They stay loaded until it has ended.</summary>
    public AdapterSet Adapters { get; init; } = AdapterSet.None;

    /// <summary>What limits or forces tokens, in order of precedence. They keep state, so each belongs to one request
    /// only.</summary>
    public IReadOnlyList<ITokenConstraint> Constraints { get; init; } = [];

    /// <summary>Checks every range.</summary>
    /// <inheritdoc cref="IGenerator.GenerateAsync" path="/exception"/>
    internal void Validate(int vocabularySize, int contextLength)
    {
        Sampling.Validate(vocabularySize);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTokens ?? 1, 1, nameof(MaxTokens));
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout ?? TimeSpan.MaxValue, TimeSpan.Zero, nameof(Timeout));
        if (PromptTokens.Count == 0)
        {
            throw new ArgumentException("The prompt is empty; there is nothing to go on from.");
        }

        foreach (int token in PromptTokens)
        {
            if ((uint)token >= (uint)vocabularySize)
            {
                throw new ArgumentException($"The prompt's token {token} is outside the vocabulary of {vocabularySize}.");
            }
        }

        if (PromptTokens.Count >= contextLength)
        {
            throw new PromptTooLongException(PromptTokens.Count, contextLength);
        }
    }
}
