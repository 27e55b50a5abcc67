using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Tests.Chat;

/// <summary>Says what it is told, a content an update, and remembers what it was asked.</summary>
/// <param name="answers">One for each request.</param>
internal sealed class FakeChatClient(params AIContent[][] answers) : IChatClient
{
    private int _next;

    public List<(ChatMessage[] Messages, ChatOptions Options)> Requests { get; } = [];

    /// <summary>Told behind each update.</summary>
    public Action Said { get; set; } = () => { };

    /// <summary>Thrown by the next request, once.</summary>
    public Exception? Failure { get; set; }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Requests.Add(([.. messages], options!.Clone()));
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }

        foreach (AIContent content in answers[_next++])
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new(ChatRole.Assistant, [content]) { MessageId = $"{_next}" };
            Said();
        }
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
