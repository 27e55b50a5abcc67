using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

/// <summary>A client that answers what it is told, and keeps what it was asked.</summary>
/// <param name="answers">The contents of its answers, one array for each request; the last one is repeated.</param>
internal sealed class ScriptedClient(params AIContent[][] answers) : IChatClient
{
    public const string ModelId = "scripted";

    public List<ChatMessage[]> Conversations { get; } = [];

    public List<ChatOptions> Options { get; } = [];

    public bool IsDisposed { get; private set; }

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        int round = Conversations.Count;
        Conversations.Add([.. messages]);
        Options.Add(options!);
        await Task.Yield();
        AIContent[] answer = answers[Math.Min(round, answers.Length - 1)];
        foreach (AIContent content in answer)
        {
            yield return Update(round, content);
        }

        ChatResponseUpdate last = Update(
            round, new UsageContent(new() { InputTokenCount = 5, OutputTokenCount = 3, TotalTokenCount = 8 }));
        last.FinishReason = answer.OfType<FunctionCallContent>().Any()
            ? ChatFinishReason.ToolCalls
            : ChatFinishReason.Length;
        yield return last;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("scripted", null, ModelId)
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() => IsDisposed = true;

    private static ChatResponseUpdate Update(int round, AIContent content) => new(ChatRole.Assistant, [content])
    {
        MessageId = $"message {round}",
        ResponseId = $"response {round}",
        ModelId = ModelId,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
