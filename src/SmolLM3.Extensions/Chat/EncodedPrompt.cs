using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.Chat;

/// <summary>A conversation's prompt in token ids.</summary>
/// <param name="Prompt">The prompt of the whole conversation.</param>
/// <param name="Tokens">Its ids, without the old turns that are left out.</param>
/// <param name="DroppedTurns">How many of the oldest turns, each a user message with what followed, are.</param>
/// <param name="ThinkingTokens">Most tokens of the thought behind it; 0: there is none.</param>
internal sealed record EncodedPrompt(ChatPrompt Prompt, List<int> Tokens, int DroppedTurns, int ThinkingTokens)
{
    // The tags of a thought; and what a character may still lack when the budget is spent.
    private const int TagTokens = 2;
    private const int MostTokensToEndCharacter = 3;

    /// <summary>Renders and tokenizes, and leaves out old turns where the settings say so.</summary>
    /// <param name="request">The prompt to be.</param>
    /// <param name="settings">What the request asks for.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="SystemOverrideException">The system text overrides the header and there are tools.</exception>
    /// <exception cref="BaseModelException">The model knows no chat.</exception>
    public static EncodedPrompt Create(PromptRequest request, RequestSettings settings, ModelHead model)
    {
        model.RequireChat();
        ChatPrompt prompt = ChatTemplate.Render(request);
        List<int> tokens = prompt.Encode(model.Tokenizer, out int[] exchanges);
        int dropped = settings.ContextOverflow == ContextOverflow.DropOldestTurns
            ? ContextFitting.Shorten(tokens, exchanges, model.ContextLength, settings.MaxOutputTokens)
            : 0;
        int room = model.ContextLength - tokens.Count;
        int thinking = prompt.Thinking ? MostThinkingTokens(Math.Min(settings.MaxOutputTokens ?? room, room), model) : 0;
        if (prompt.Thinking && thinking == 0)
        {
            // Who is told to think and cannot rambles, unless the thought is behind it.
            List<int> thought = ChatPrompt.EmptyThought.Encode(model.Tokenizer);
            tokens.AddRange(thought.Count < room ? thought : []);
        }

        return new(prompt, tokens, dropped, Math.Min(thinking, settings.ThinkingTokens));
    }

    /// <summary>How long a thought may be if the answer is to get its part of the output.</summary>
    private static int MostThinkingTokens(int output, ModelHead model)
    {
        int answer = (output + SmolLM3Defaults.AnswerPart - 1) / SmolLM3Defaults.AnswerPart;
        int lines = 2 * model.Tokenizer.Encode("\n").Length;
        return Math.Max(0, output - answer - TagTokens - lines - MostTokensToEndCharacter);
    }
}
