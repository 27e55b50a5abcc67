namespace SmolLM3.Extensions;

/// <summary>How long the prompt of a conversation is.</summary>
/// <param name="Tokens">Tokens of the prompt as the client sends it: template, tools, messages and the beginning of the
/// answer.</param>
/// <param name="ContextLength">Most tokens of prompt and answer together.</param>
/// <param name="DroppedTurns">How many of the oldest turns <see cref="ContextOverflow.DropOldestTurns"/> leaves out of
/// it.</param>
public readonly record struct SmolLM3PromptSize(int Tokens, int ContextLength, int DroppedTurns)
{
    /// <summary>Tokens left for an answer; 0: the request would throw <see cref="PromptTooLongException"/>.</summary>
    public int RemainingTokens => Math.Max(0, ContextLength - Tokens);
}
