using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Chat;

/// <summary>The messages of a chat, and how the next one is asked.</summary>
/// <param name="client">Answers; runs the tools it is given.</param>
/// <param name="options">Of every request; its reasoning and tools change as the user says.</param>
/// <param name="statistics">What answers took.</param>
internal sealed class Conversation(IChatClient client, ChatOptions options, ChatStatistics statistics)
{
    private List<ChatMessage> _messages = [];

    /// <summary>How many messages there are.</summary>
    public int Count => _messages.Count;

    /// <summary>The last thought; null: there was none.</summary>
    public string? LastThought => _messages
        .Select(message => string.Concat(message.Contents.OfType<TextReasoningContent>().Select(thought => thought.Text)))
        .LastOrDefault(thought => thought.Length > 0);

    /// <summary>Whether the model thinks first; null: as the model does by itself.</summary>
    public bool? Thinks
    {
        set => options.Reasoning = value is { } thinks
            ? new() { Effort = thinks ? ReasoningEffort.Medium : ReasoningEffort.None }
            : null;
    }

    /// <summary>What the model may call; null: nothing.</summary>
    public IList<AITool>? Tools
    {
        get => options.Tools;
        set => options.Tools = value;
    }

    /// <summary>Asks, and shows the answer as it comes.</summary>
    /// <remarks>An answer that is cancelled stays as far as its text came; where it fails, the question is taken
    /// back.</remarks>
    public async Task AskAsync(string question, IChatView view, CancellationToken cancellationToken)
    {
        List<ChatMessage> asked = [.. _messages, new(ChatRole.User, question)];
        List<ChatResponseUpdate> updates = [];
        statistics.Begin();
        try
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(asked, options, cancellationToken))
            {
                statistics.Update();
                updates.Add(update);
                Show(update, view);
            }
        }
        catch (OperationCanceledException)
        {
            string said = string.Concat(updates.Select(update => update.Text));
            if (said.Length > 0)
            {
                _messages = [.. asked, new(ChatRole.Assistant, said)];
            }

            throw;
        }
        finally
        {
            if (updates.Count > 0)
            {
                view.End();
            }
        }

        ChatResponse response = updates.ToChatResponse();
        statistics.End(response.Usage);
        _messages = [.. asked, .. response.Messages];
        if (response.FinishReason == ChatFinishReason.Length)
        {
            view.Notice("(The answer ends here: no more tokens are allowed, or the context is full.)");
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _messages = [];

    /// <summary>Writes the messages as JSON, as the framework does.</summary>
    public void Save(string path) => File.WriteAllText(
        path, JsonSerializer.Serialize(_messages, AIJsonUtilities.DefaultOptions) + "\n", new UTF8Encoding(false));

    /// <summary>Goes on with messages that were saved.</summary>
    /// <exception cref="JsonException">The file holds something else.</exception>
    public void Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        List<ChatMessage?>? messages =
            JsonSerializer.Deserialize<List<ChatMessage?>>(file, AIJsonUtilities.DefaultOptions);
        _messages = messages is not null && !messages.Contains(null)
            ? [.. messages.OfType<ChatMessage>()]
            : throw new JsonException($"{path} holds no conversation.");
    }

    private static void Show(ChatResponseUpdate update, IChatView view)
    {
        foreach (AIContent content in update.Contents)
        {
            switch (content)
            {
                case TextReasoningContent thought:
                    view.Thought(thought.Text);
                    break;
                case TextContent text:
                    view.Text(text.Text);
                    break;
                case FunctionCallContent call:
                    view.Notice($"→ {call.Name}({string.Join(", ", (call.Arguments ?? new Dictionary<string, object?>())
                        .Select(argument => $"{argument.Key}: {argument.Value}"))})");
                    break;
                case FunctionResultContent result:
                    view.Notice($"← {result.Result}");
                    break;
                case ErrorContent error:
                    view.Error(error.Message);
                    break;
            }
        }
    }
}
