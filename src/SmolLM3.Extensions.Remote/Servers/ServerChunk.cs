using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>A token a server generated.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LogProbabilities">How likely the model found it and its rivals, where that was asked for.</param>
internal readonly record struct ServerToken(int Id, TokenLogProbabilities? LogProbabilities = null);

/// <summary>One message of a server's stream.</summary>
internal sealed record ServerChunk
{
    /// <summary>Tokens that came; often one.</summary>
    public IReadOnlyList<ServerToken> Tokens { get; init; } = [];

    /// <summary>Why the server generates no further, or null. Further messages may have numbers.</summary>
    public GenerationEnd? End { get; init; }

    /// <summary>Tokens generated for the request, with those that were kept back, where the message says.</summary>
    public int? Generated { get; init; }

    /// <summary>Tokens of the prompt that were cached, where the message says.</summary>
    public int? CachedTokens { get; init; }
}
