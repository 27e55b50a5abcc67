namespace SmolLM3.Extensions.Chat;

/// <summary>
/// SmolLM3's chat format: byte for byte what the official template of HuggingFaceTB/SmolLM3-3B writes, but for four
/// improvements. Tool calls of earlier assistant turns and their thoughts within the current tool loop are written (the
/// template drops both), system messages that are not in front are kept as system turns (dropped), an empty
/// conversation is allowed (an error), and <c>/system_override</c> together with tools is refused (the tools vanish).
/// </summary>
/// <remarks>
/// In token ids there is one more: text of messages and tools that spells a special token stays text, where the
/// reference, which tokenizes the finished prompt, takes it for control.
/// </remarks>
internal static class ChatTemplate
{
    /// <summary>Renders a prompt.</summary>
    /// <exception cref="SystemOverrideException">The system text overrides the header and there are tools.</exception>
    public static ChatPrompt Render(PromptRequest request)
    {
        IReadOnlyList<PromptMessage> messages = request.Messages;
        bool hasSystemText = messages.Count > 0 && messages[0].Role == PromptRole.System;
        SystemHeader header = new(hasSystemText ? messages[0] : null, request.EnableThinking);
        ChatPromptBuilder prompt = new();
        header.Write(prompt, request);

        // A tool loop is everything behind the last question of a person.
        int loopStart = LastIndexOf(messages, PromptRole.User) + 1;
        int first = hasSystemText ? 1 : 0;
        bool hasQuestion = false;
        for (int i = first; i < messages.Count; i++)
        {
            // What stands before the first question belongs to its exchange.
            bool isQuestion = messages[i].Role == PromptRole.User;
            if (i == first || (isQuestion && hasQuestion))
            {
                prompt.BeginExchange();
            }

            hasQuestion |= isQuestion;
            switch (messages[i].Role)
            {
                case PromptRole.System:
                    prompt.BeginTurn("system").Text(messages[i].Content).EndTurn();
                    break;
                case PromptRole.Assistant:
                    AssistantTurn.Write(prompt, messages[i], header.Thinking, inToolLoop: i >= loopStart);
                    break;
                default:
                    prompt.BeginTurn("user").Text(messages[i].Content).EndTurn();
                    break;
            }
        }

        if (request.AddGenerationPrompt)
        {
            AssistantTurn.Begin(prompt, emptyThought: !header.Thinking);
        }

        return new ChatPrompt(
            prompt.Build(), prompt.Exchanges, header.Thinking, header.Thinking != request.EnableThinking);
    }

    private static int LastIndexOf(IReadOnlyList<PromptMessage> messages, PromptRole role)
    {
        int i = messages.Count - 1;
        while (i >= 0 && messages[i].Role != role)
        {
            i--;
        }

        return i;
    }
}
