using static SmolLM3.Extensions.Chat.SpecialTokenText;

namespace SmolLM3.Extensions.Chat;

/// <summary>Writes what the assistant said in earlier turns, and the opening of the turn to come.</summary>
internal static class AssistantTurn
{
    /// <summary>Opens a turn as the model finds it when it starts to write.</summary>
    public static void Begin(ChatPromptBuilder prompt, bool emptyThought)
    {
        prompt.BeginTurn("assistant");
        if (emptyThought)
        {
            prompt.EmptyThought();
        }
    }

    /// <summary>Writes one assistant turn of the history.</summary>
    /// <param name="prompt">Where to.</param>
    /// <param name="message">The turn.</param>
    /// <param name="thinking">The mode of this prompt.</param>
    /// <param name="inToolLoop">Whether no user message follows: only then is the turn's thought kept.</param>
    public static void Write(ChatPromptBuilder prompt, PromptMessage message, bool thinking, bool inToolLoop)
    {
        // no_think mode has the empty thought before every assistant turn. A thought that is kept stands in its place,
        // except where the turn was generated behind an empty one: then both are repeated, so the prefix matches.
        bool keepsThought = inToolLoop && !string.IsNullOrEmpty(message.Reasoning);
        bool wasPrefilled = message.GeneratedTokens is not null && message.GeneratedAfterEmptyThought;
        Begin(prompt, emptyThought: !thinking && (wasPrefilled || !keepsThought));

        if (message.GeneratedTokens is { } tokens)
        {
            bool keepsTokens = inToolLoop && (thinking || wasPrefilled || keepsThought);
            prompt.Replay(tokens, ToText(message, keepsThought), dropThoughts: !keepsTokens);
        }
        else
        {
            WriteContent(prompt, message, keepsThought);
        }

        prompt.EndTurn();
    }

    private static string ToText(PromptMessage message, bool withThought)
    {
        ChatPromptBuilder text = new();
        WriteContent(text, message, withThought);
        return string.Concat(text.Build().Select(run => run.Text));
    }

    private static string ToText(PromptToolCall call) =>
        "\n{\"name\": " + PythonJson.Quote(call.Name)
        + ", \"arguments\": " + PythonJson.Dump(call.Arguments) + "}\n";

    private static void WriteContent(ChatPromptBuilder prompt, PromptMessage message, bool withThought)
    {
        if (withThought)
        {
            prompt.Special(ThoughtStart).Text("\n").Text(message.Reasoning!.Trim('\n')).Text("\n")
                .Special(ThoughtEnd).Text("\n");
        }

        string content = message.Content.TrimStart('\n');
        prompt.Text(content);
        bool first = content.Length == 0;
        foreach (PromptToolCall call in message.ToolCalls)
        {
            prompt.Text(first ? "" : "\n")
                .Special(call.IsCode ? CodeStart : CallStart)
                .Text(call.RawText ?? ToText(call));
            if (!call.IsCut)
            {
                prompt.Special(call.IsCode ? CodeEnd : CallEnd);
            }

            first = false;
        }
    }
}
