using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Serving.Completions;

/// <summary>What a body of <c>/v1/completions</c> asks for.</summary>
/// <param name="Text">The prompt as text, or null.</param>
/// <param name="Tokens">The prompt as token ids, or null.</param>
/// <param name="Options">How to go on.</param>
internal sealed record CompletionRequest(string? Text, IReadOnlyList<int>? Tokens, ChatOptions Options)
{
    /// <summary>Answers that are wanted.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Whether they come as they are written.</summary>
    public bool Streams { get; init; }

    /// <summary>Whether a stream ends with the usage.</summary>
    public bool TellsUsage { get; init; }

    /// <summary>Whether the prompt stands before each answer.</summary>
    public bool Echoes { get; init; }

    /// <summary>How many of the likeliest tokens are told for each; null: no log-probabilities at all.</summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>The options of one answer: with a seed each has its own, or all would be the same.</summary>
    public ChatOptions OptionsOf(int choice)
    {
        ChatOptions options = Options.Clone();
        options.Seed += choice;
        return options;
    }
}
