using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Serving.Completions;

/// <summary>What a body of <c>/v1/completions</c> asks for.</summary>
/// <param name="Prompts">What goes on, at least one.</param>
/// <param name="Options">How to go on.</param>
internal sealed record CompletionRequest(IReadOnlyList<CompletionPrompt> Prompts, ChatOptions Options)
{
    /// <summary>Answers to each prompt.</summary>
    public int ChoicesOfPrompt { get; init; } = 1;

    /// <summary>Whether they come as they are written.</summary>
    public bool Streams { get; init; }

    /// <summary>Whether a stream ends with the usage.</summary>
    public bool TellsUsage { get; init; }

    /// <summary>Whether the prompt stands before each answer.</summary>
    public bool Echoes { get; init; }

    /// <summary>How many of the likeliest tokens are told for each; null: no log-probabilities at all.</summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>Whether log-probabilities name tokens by their ids.</summary>
    public bool NamesTokensById { get; init; }

    /// <summary>Whether the ids of prompts and answers are told.</summary>
    public bool TellsTokens { get; init; }
}

/// <summary>A prompt: a text, or token ids.</summary>
internal readonly record struct CompletionPrompt(string? Text, IReadOnlyList<int>? Tokens);
