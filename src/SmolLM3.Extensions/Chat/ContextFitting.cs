namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Leaves the oldest exchanges out of a prompt that the context does not hold. An exchange, which the options call a
/// turn, is a user message with everything up to the next one.
/// </summary>
internal static class ContextFitting
{
    /// <summary>Shortens a prompt, if it has to be.</summary>
    /// <param name="prompt">The prompt's tokens; those of the exchanges left out are removed.</param>
    /// <param name="starts">Where in it each exchange starts.</param>
    /// <param name="contextLength">Most tokens of prompt and answer together.</param>
    /// <param name="maxOutputTokens">Most tokens of the answer; null: not known.</param>
    /// <returns>How many exchanges are left out. The last one never is: the prompt may still be too long.</returns>
    public static int Shorten(List<int> prompt, IReadOnlyList<int> starts, int contextLength, int? maxOutputTokens)
    {
        if (starts.Count == 0)
        {
            return 0;
        }

        int answer = Math.Min(
            maxOutputTokens ?? contextLength / SmolLM3Defaults.OverflowAnswerPart,
            contextLength / SmolLM3Defaults.MostOverflowAnswerPart);
        int dropped = CountDropped(starts, prompt.Count, contextLength - Math.Max(1, answer) - starts[0]);
        prompt.RemoveRange(starts[0], starts[dropped] - starts[0]);
        return dropped;
    }

    /// <summary>Counts the exchanges that are left out.</summary>
    /// <remarks>
    /// Exchange for exchange, as if each had been the newest one of a request: when it no longer fits, so many go that
    /// what stays before it takes at most half of the room, or a quarter and so on until it fits. So the count depends
    /// on the conversation only, never falls while that grows, and rises in steps: between them prompts share their
    /// beginning. An exchange's own tokens count for when a step is due, those before it for how far it goes, because
    /// the newest exchange still grows.
    /// </remarks>
    /// <param name="starts">Where each exchange starts, ascending, in tokens.</param>
    /// <param name="end">Where the last one ends.</param>
    /// <param name="room">Tokens that exchanges may take.</param>
    public static int CountDropped(IReadOnlyList<int> starts, int end, int room)
    {
        int dropped = 0;
        for (int newest = 1; newest < starts.Count; newest++)
        {
            int newestEnd = newest + 1 < starts.Count ? starts[newest + 1] : end;
            int most = Math.Max(0, room);
            while (dropped < newest && newestEnd - starts[dropped] > room)
            {
                most /= 2;
                while (starts[newest] - starts[dropped] > most)
                {
                    dropped++;
                }
            }
        }

        return dropped;
    }
}
