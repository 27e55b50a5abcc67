namespace SmolLM3.Extensions.Chat;

/// <summary>
/// A piece of a prompt: text in which no special token is ever recognised, one special token, or the ids of a turn
/// the model generated.
/// </summary>
internal readonly record struct PromptRun
{
    private PromptRun(string text) => Text = text;

    /// <summary>The run in characters: the text, the special token's spelling, or what the replayed ids say.</summary>
    public string Text { get; }

    /// <summary>True for one special token, found in the vocabulary by <see cref="Text"/>.</summary>
    public bool IsSpecial { get; private init; }

    /// <summary>Ids to be replayed; null for the other two kinds.</summary>
    public IReadOnlyList<int>? Replay { get; private init; }

    /// <summary>Whether thoughts within <see cref="Replay"/> are left out.</summary>
    public bool DropsThoughts { get; private init; }

    /// <summary>A run of text from anywhere; nothing in it is control.</summary>
    public static PromptRun OfText(string text) => new(text);

    /// <summary>One special token.</summary>
    public static PromptRun OfSpecial(string token) => new(token) { IsSpecial = true };

    /// <summary>The ids of a turn the model generated; <paramref name="text"/> is what they say.</summary>
    public static PromptRun OfReplay(IReadOnlyList<int> tokens, string text, bool dropThoughts) =>
        new(text) { Replay = tokens, DropsThoughts = dropThoughts };
}
