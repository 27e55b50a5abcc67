namespace SmolLM3.Extensions.Chat;

/// <summary>One message as the prompt needs it: no content parts, no roles the model does not know.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">The text, without thoughts and tool calls.</param>
internal sealed record PromptMessage(PromptRole Role, string Content)
{
    /// <summary>Calls of an assistant turn, written behind its text.</summary>
    public IReadOnlyList<PromptToolCall> ToolCalls { get; init; } = [];

    /// <summary>
    /// What the system message in front says of the answer's form. It stands behind <see cref="Content"/>, or the
    /// default persona where that is empty, and is not searched for flags: a schema may spell one.
    /// </summary>
    public string? FormatInstruction { get; init; }

    /// <summary>
    /// The exact ids the model generated for this assistant turn, without the closing <c>&lt;|im_end|&gt;</c>.
    /// They are replayed in place of <see cref="Content"/>, <see cref="ToolCalls"/> and <see cref="Reasoning"/>,
    /// which still have to be set: the text form of the prompt shows them.
    /// </summary>
    public IReadOnlyList<int>? GeneratedTokens { get; init; }

    /// <summary>
    /// True when the prompt that led to <see cref="GeneratedTokens"/> ended with the empty thought of no_think mode
    /// (<see cref="ChatPrompt.Thinking"/> was false).
    /// </summary>
    public bool GeneratedAfterEmptyThought { get; init; }

    /// <summary>The thought of this assistant turn: written inside the current tool loop, else dropped.</summary>
    public string? Reasoning { get; init; }
}
