using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;

namespace SmolLM3.TinyModelTests;

/// <summary>One client on the tiny model for all tests of a class.</summary>
public sealed class TinyClient : IDisposable
{
    public SmolLM3ChatClient Client { get; } = new(new SmolLM3Options().UseTinyModel());

    public static ChatOptions Greedy => new() { Temperature = 0, MaxOutputTokens = 200 };

    public static ChatOptions Thinking(ChatOptions options)
    {
        options.Reasoning = new() { Effort = ReasoningEffort.Low };
        return options;
    }

    public Task<ChatResponse> Ask(string question, ChatOptions? options = null, CancellationToken token = default) =>
        Client.GetResponseAsync([new ChatMessage(ChatRole.User, question)], options ?? Greedy, token);

    public void Dispose() => Client.Dispose();
}
