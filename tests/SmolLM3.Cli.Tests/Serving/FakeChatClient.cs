using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Tests.Serving;

/// <summary>Answers as the test says.</summary>
internal sealed class FakeChatClient(Func<ChatOptions?, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> answer)
    : IChatClient
{
    /// <summary>What it is asked for as a service.</summary>
    public ChatClientMetadata? Metadata { get; init; }

    public static FakeChatClient Throws(Exception exception) => new((_, _) => throw exception);

    public static ChatResponseUpdate Text(string text) => new(ChatRole.Assistant, text) { ResponseId = "r", ModelId = "fake" };

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        answer(options, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? Metadata : null;

    public void Dispose()
    {
    }
}
