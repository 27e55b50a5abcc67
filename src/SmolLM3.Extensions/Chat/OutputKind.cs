namespace SmolLM3.Extensions.Chat;

/// <summary>What a piece of the model's output is.</summary>
internal enum OutputKind
{
    /// <summary>More of a thought.</summary>
    Reasoning,

    /// <summary>More of the answer.</summary>
    Text,

    /// <summary>A whole tool call.</summary>
    ToolCall,

    /// <summary>A whole piece of Python code.</summary>
    Code,
}
