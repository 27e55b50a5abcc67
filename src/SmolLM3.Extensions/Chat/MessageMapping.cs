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
        int leading = 0;
        while (leading < messages.Count && IsSystem(messages[leading].Role))
        {
            leading++;
        }

        IEnumerable<string?> texts =
            [settings.Instructions, .. messages.Take(leading).Select(ToSystemText)];
        string system = string.Join("\n\n", texts.Where(text => !string.IsNullOrWhiteSpace(text)));
        List<PromptMessage> prompt = system.Length > 0 || settings.FormatInstruction is not null
            ? [new(PromptRole.System, system) { FormatInstruction = settings.FormatInstruction }]
            : [];
        foreach (ChatMessage message in messages.Skip(leading))
        {
            AddTurn(prompt, message, vocabulary);
        }

        return prompt;
    }

    /// <summary>Throws where a message holds what cannot be read: before the model is loaded.</summary>
    /// <exception cref="ArgumentException">A message is null.</exception>
    /// <exception cref="UnsupportedContentException">A message holds an image or the like.</exception>
    public static void Check(IReadOnlyList<ChatMessage> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is null)
            {
                throw new ArgumentException($"Message {i} is null.", nameof(messages));
            }

            foreach (AIContent content in messages[i].Contents)
            {
                Check(content);
            }
        }
    }

    private static void Check(AIContent content) => _ = content switch
    {
        DataContent data => ContentMapping.ToText(data),
        UriContent uri => ContentMapping.ToText(uri),
        FunctionResultContent { Result: AIContent or IEnumerable<AIContent> } result => ContentMapping.ToText(result),
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

    private static string ToSystemText(ChatMessage message) =>
        TurnCollector.Collect(message.Contents, PromptRole.System) is [{ } only] ? only.Content : "";

    private static bool IsSystem(ChatRole role) => role == ChatRole.System || role == Developer;

    private static PromptRole ToRole(ChatRole role) =>
        IsSystem(role) ? PromptRole.System
        : role == ChatRole.Assistant ? PromptRole.Assistant
        : role == ChatRole.Tool ? PromptRole.Tool
        : PromptRole.User;
}
