namespace SmolLM3.Extensions.Chat;

/// <summary>Whether and what the model calls.</summary>
internal enum ToolChoice
{
    /// <summary>As the model likes.</summary>
    Auto,

    /// <summary>No call, whatever tools are described.</summary>
    None,

    /// <summary>The answer begins with a call.</summary>
    Required,
}
