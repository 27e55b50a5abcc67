using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Remote.Answers;

/// <summary>How an answer goes on: by tokens that are settled, or by asking the server.</summary>
internal sealed record Step
{
    /// <summary>What comes without asking.</summary>
    public IReadOnlyList<int> Forced { get; init; } = [];

    /// <summary>Whether the answer ends with the last of <see cref="Forced"/>.</summary>
    public bool IsEnd { get; init; }

    /// <summary>The form that is asked for; null: any.</summary>
    public AnswerForm? Form { get; init; }

    /// <summary>Tokens that must not come.</summary>
    public IReadOnlyList<int> Banned { get; init; } = [];

    /// <summary>Whether a single token is asked for, to see which way the model would go.</summary>
    public bool IsProbe { get; init; }

    /// <summary>A step of settled tokens.</summary>
    public static Step Force(params IEnumerable<int> tokens) => new() { Forced = [.. tokens] };
}
