using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Tests.Hosting;

/// <summary>Keeps what reaches the client below it.</summary>
internal sealed class RecordingClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public ConcurrentQueue<ChatMessage[]> Requests { get; } = [];

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatMessage[] conversation = [.. messages];
        Requests.Enqueue(conversation);
        return base.GetResponseAsync(conversation, options, cancellationToken);
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatMessage[] conversation = [.. messages];
        Requests.Enqueue(conversation);
        return base.GetStreamingResponseAsync(conversation, options, cancellationToken);
    }
}
