using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Tests.Serving.Page;

/// <summary>What a client answers in tests of the page.</summary>
internal static class FakeAnswers
{
    /// <summary>A client that always answers the same.</summary>
    public static FakeChatClient Always(string text) => new((_, _) => Once(text));

    /// <summary>A client that answers the first request so, and all others "Here.".</summary>
    public static FakeChatClient First(Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> answer)
    {
        int requests = 0;
        return new((_, token) => requests++ == 0 ? answer(token) : Once("Here."));
    }

    public static IAsyncEnumerable<ChatResponseUpdate> Once(string text) => Once(new TextContent(text));

    public static async IAsyncEnumerable<ChatResponseUpdate> Once(AIContent content)
    {
        await Task.Yield();
        yield return new(ChatRole.Assistant, [content])
        {
            ResponseId = "r",
            MessageId = "m",
            ModelId = "fake",
            FinishReason = content is FunctionCallContent ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        };
    }

    /// <summary>A text again and again until it is cancelled; an empty one is never said.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> EndlessAsync(
        string text, [EnumeratorCancellation] CancellationToken cancellationToken, TaskCompletionSource? ended = null)
    {
        try
        {
            while (true)
            {
                if (text.Length > 0)
                {
                    yield return FakeChatClient.Text(text);
                }

                await Task.Delay(10, cancellationToken);
            }
        }
        finally
        {
            ended?.SetResult();
        }
    }
}
