using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>A piece of an answer as one request to a server: what to go on from, and how.</summary>
internal sealed record Segment
{
    /// <summary>Token ids, those of the answer so far included.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>Most tokens to generate.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>How the next token is chosen; a seed is set.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>Tokens that end the answer.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>What the text must be; null: anything.</summary>
    public AnswerForm? Form { get; init; }

    /// <summary>Tokens that never come.</summary>
    public IReadOnlyList<int> Banned { get; init; } = [];

    /// <summary>The server's adapters, by their place in <see cref="ServerFacts.Adapters"/>.</summary>
    public AdapterSet Adapters { get; init; } = AdapterSet.None;
}
