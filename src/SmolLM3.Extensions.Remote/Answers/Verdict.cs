namespace SmolLM3.Extensions.Remote.Answers;

/// <summary>What a token means for the request it came from.</summary>
internal enum Verdict
{
    /// <summary>More of the same.</summary>
    GoOn,

    /// <summary>Whether the token is wanted shows later: it waits, with those that wait already, for a verdict that keeps
    /// or drops them.</summary>
    Hold,

    /// <summary>The token is the last that is wanted of the request.</summary>
    Leave,

    /// <summary>The token is not wanted, nor those that wait, nor what follows.</summary>
    Drop,
}
