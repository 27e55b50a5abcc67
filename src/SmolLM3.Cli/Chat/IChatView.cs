namespace SmolLM3.Cli.Chat;

/// <summary>Where a chat is shown. Text comes in pieces, in the order it is said.</summary>
internal interface IChatView
{
    /// <summary>A piece of a thought.</summary>
    void Thought(string text);

    /// <summary>A piece of the answer.</summary>
    void Text(string text);

    /// <summary>A line about what happens: a call, its result, what a command did.</summary>
    void Notice(string line);

    /// <summary>A line about what went wrong.</summary>
    void Error(string line);

    /// <summary>The answer has ended.</summary>
    void End();
}
