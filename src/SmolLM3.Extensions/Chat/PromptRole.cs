namespace SmolLM3.Extensions.Chat;

/// <summary>Who speaks in a <see cref="PromptMessage"/>.</summary>
internal enum PromptRole
{
    /// <summary>Instructions. In front of the prompt they become the header, later ones turns of their own.</summary>
    System,

    /// <summary>The person who asks.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>The result of a tool call; the template writes it as a user turn.</summary>
    Tool,
}
