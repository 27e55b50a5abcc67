using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>From a conversation of <see cref="ChatMessage"/>s to the messages of the prompt.</summary>
internal static class MessageMapping
{
    private static readonly ChatRole Developer = new("developer");

    /// <summary>Maps a conversation. Instructions and every system message in front become one system text; later
    /// system messages stay where they are.</summary>
    /// <param name="messages">The conversation; read, never changed.</param>
    /// <param name="settings">Instructions and format of the request.</param>
    /// <param name="vocabulary">The tokenizer, for replaying what it once decoded.</param>
    /// <exception cref="UnsupportedContentException">A message holds an image or the like.</exception>
    public static List<PromptMessage> ToPrompt(
        IReadOnlyList<ChatMessage> messages, RequestSettings settings, object vocabulary)
    {
        string system = SystemText(messages, settings);
        List<PromptMessage> prompt = system.Length > 0 || settings.FormatInstruction is not null
            ? [new(PromptRole.System, system) { FormatInstruction = settings.FormatInstruction }]
            : [];
        foreach (ChatMessage message in BrokenCalls.Answer(messages).SkipWhile(IsSystem))
        {
            AddTurn(prompt, message, vocabulary);
        }

        return prompt;
    }

    /// <summary>Copies messages with their lists of contents: the caller may go on with its own. Ids and raw
    /// representations stay the same objects, by which a generated turn is found.</summary>
    /// <exception cref="ArgumentException">A message is null.</exception>
    public static ChatMessage[] Copy(IEnumerable<ChatMessage> messages)
    {
        ChatMessage[] copies = [.. messages];
        for (int i = 0; i < copies.Length; i++)
        {
            ChatMessage message =
                copies[i] ?? throw new ArgumentException($"Message {i} is null.", nameof(messages));
            copies[i] = message.Clone();
            copies[i].Contents = [.. message.Contents];
        }

        return copies;
    }

    /// <summary>Throws where a message holds what cannot be read: before the model is loaded.</summary>
    /// <exception cref="UnsupportedContentException">A message holds an image or the like.</exception>
    public static void Check(IReadOnlyList<ChatMessage> messages)
    {
        foreach (AIContent content in messages.SelectMany(message => message.Contents))
        {
            Check(content);
        }
    }

    /// <summary>Throws where the system text would drop the tools: before the model is loaded.</summary>
    /// <exception cref="SystemOverrideException">It overrides the header and there are tools.</exception>
    public static void CheckOverride(IReadOnlyList<ChatMessage> messages, RequestSettings settings) =>
        SystemHeader.Check(
            SystemText(messages, settings), hasTools: settings.Tools.Count > 0 || settings.PythonTools is not null);

    private static void Check(AIContent content) => _ = content switch
    {
        DataContent data => ContentMapping.ToText(data),
        UriContent uri => ContentMapping.ToText(uri),
        FunctionResultContent { Result: AIContent or IEnumerable<AIContent> } result => ResultMapping.ToText(result),
        CodeInterpreterToolResultContent result => ResultMapping.ToText(result),
        _ => null,
    };

    private static void AddTurn(List<PromptMessage> prompt, ChatMessage message, object vocabulary)
    {
        PromptRole role = ToRole(message.Role);
        TurnCollector turn = new(prompt, role);
        if (role == PromptRole.Assistant && GeneratedTurn.Find(message, vocabulary) is { } generated)
        {
            turn.Generated = generated;
        }

        foreach (AIContent content in message.Contents)
        {
            turn.Add(content);
        }

        turn.Finish();
    }

    private static string SystemText(IReadOnlyList<ChatMessage> messages, RequestSettings settings)
    {
        IEnumerable<string?> texts = [settings.Instructions, .. messages.TakeWhile(IsSystem).Select(ToSystemText)];
        return string.Join("\n\n", texts.Where(text => !string.IsNullOrWhiteSpace(text)));
    }

    private static string ToSystemText(ChatMessage message) =>
        TurnCollector.Collect(message.Contents, PromptRole.System) is [{ } only] ? only.Content : "";

    private static bool IsSystem(ChatMessage message) => IsSystem(message.Role);

    private static bool IsSystem(ChatRole role) => role == ChatRole.System || role == Developer;

    private static PromptRole ToRole(ChatRole role) =>
        IsSystem(role) ? PromptRole.System
        : role == ChatRole.Assistant ? PromptRole.Assistant
        : role == ChatRole.Tool ? PromptRole.Tool
        : PromptRole.User;
}
