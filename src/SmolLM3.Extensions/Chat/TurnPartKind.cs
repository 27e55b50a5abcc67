namespace SmolLM3.Extensions.Chat;

/// <summary>What a stretch of an assistant turn is.</summary>
internal enum TurnPartKind
{
    /// <summary>The answer.</summary>
    Text,

    /// <summary>A thought.</summary>
    Thought,

    /// <summary>A tool call.</summary>
    Call,

    /// <summary>Python code.</summary>
    Code,
}
