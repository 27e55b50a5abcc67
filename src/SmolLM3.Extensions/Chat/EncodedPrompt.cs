using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.Chat;

/// <summary>A conversation's prompt in token ids.</summary>
/// <param name="Prompt">The prompt of the whole conversation.</param>
/// <param name="Tokens">Its ids, without the old turns that are left out.</param>
/// <param name="DroppedTurns">How many of the oldest turns, each a user message with what followed, are.</param>
internal sealed record EncodedPrompt(ChatPrompt Prompt, List<int> Tokens, int DroppedTurns)
{
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
        return new(prompt, tokens, dropped);
    }
}
