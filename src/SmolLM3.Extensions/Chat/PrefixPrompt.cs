using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.Chat;

/// <summary>The part of a conversation's prompt that stays when the conversation goes on: everything before the next
/// turn.</summary>
internal static class PrefixPrompt
{
    /// <summary>Renders and tokenizes it, without the old turns that the next request would leave out.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="settings">What its requests ask for.</param>
    /// <param name="model">The model.</param>
    /// <param name="today">The date the prompt names.</param>
    /// <exception cref="SystemOverrideException">The system text overrides the header and there are tools.</exception>
    /// <exception cref="BaseModelException">The model knows no chat.</exception>
    public static List<int> Encode(
        IReadOnlyList<ChatMessage> messages, RequestSettings settings, LoadedModel model, DateOnly today)
    {
        // A vocabulary nobody has: turns the model generated are rendered from their content, as a process does that
        // reads them from a store, and not from the ids this one may still have.
        List<PromptMessage> prompt = MessageMapping.ToPrompt(messages, settings, vocabulary: new object());
        PromptRole next = NextTurn(prompt);
        if (next != PromptRole.Assistant)
        {
            // It settles how the turns before it are written: a question ends the tool loop, whose thoughts then go.
            prompt.Add(new(next, ""));
        }

        PromptRequest request = PromptRequest.From(prompt, settings, today) with
        {
            AddGenerationPrompt = next == PromptRole.Assistant,
        };
        List<int> tokens = EncodedPrompt.Create(request, settings, model.Head).Tokens;
        return tokens[..tokens.LastIndexOf(model.Head.RequireChat().TurnStart)];
    }

    private static PromptRole NextTurn(List<PromptMessage> prompt) => prompt switch
    {
        [.., { Role: PromptRole.User or PromptRole.Tool }] => PromptRole.Assistant,
        [.., { Role: PromptRole.Assistant, ToolCalls: [.., { IsCut: false }] }] => PromptRole.Tool,
        _ => PromptRole.User,
    };
}
