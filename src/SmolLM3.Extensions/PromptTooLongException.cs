namespace SmolLM3.Extensions;

/// <summary>A prompt leaves no room in the context for even one token of an answer. Nothing was computed.</summary>
/// <remarks>Under <see cref="ContextOverflow.DropOldestTurns"/> it tells of what would be left when all old turns are
/// dropped.</remarks>
public sealed class PromptTooLongException : InvalidOperationException
{
    /// <summary>Makes the exception for a prompt.</summary>
    /// <param name="promptTokens">Length of the prompt, in tokens.</param>
    /// <param name="contextLength">Most tokens of one request, prompt and answer together.</param>
    public PromptTooLongException(int promptTokens, int contextLength)
        : base($"The prompt has {promptTokens} tokens, but the context holds {contextLength}, prompt and answer " +
            "together. Shorten it, offer fewer tools, set a larger SmolLM3Options.ContextLength, or, for a chat, set " +
            "ContextOverflow to DropOldestTurns: it leaves out old turns, but never the system text, the tools and " +
            "the last turn.")
    {
        PromptTokens = promptTokens;
        ContextLength = contextLength;
    }

    /// <summary>Length of the prompt, in tokens.</summary>
    public int PromptTokens { get; }

    /// <summary>Most tokens of one request, prompt and answer together.</summary>
    public int ContextLength { get; }
}
