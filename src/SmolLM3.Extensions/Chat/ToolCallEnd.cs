namespace SmolLM3.Extensions.Chat;

/// <summary>What ended the text of a tool call.</summary>
internal enum ToolCallEnd
{
    /// <summary>A tag: the closing one, or that of the next call.</summary>
    Tag,

    /// <summary>The model ended its answer.</summary>
    Answer,

    /// <summary>The token limit.</summary>
    Limit,
}
