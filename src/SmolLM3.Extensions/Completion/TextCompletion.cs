using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Completion;

/// <summary>Continues texts with the model of a chat client.</summary>
/// <param name="requests">The client's way of requests.</param>
/// <param name="client">The client.</param>
internal sealed class TextCompletion(RequestRunner requests, IChatClient client) : ISmolLM3TextCompletion
{
    /// <inheritdoc/>
    public Task<ChatResponse> CompleteAsync(
        string prompt, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        ResponseFolding.FoldAsync(CompleteStreamingAsync(prompt, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ChatResponse> CompleteAsync(
        IReadOnlyList<int> promptTokens, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        ResponseFolding.FoldAsync(CompleteStreamingAsync(promptTokens, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> CompleteStreamingAsync(
        string prompt, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(prompt);
        RequestSettings settings = Settle(options);
        return requests.RunAsync(
            (model, token) => CompletionPlan.Create(model.Tokenizer.Encode(prompt), settings, model, token),
            settings,
            cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> CompleteStreamingAsync(
        IReadOnlyList<int> promptTokens, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(promptTokens);
        int[] prompt = promptTokens.Count > 0 ? [.. promptTokens] : throw new ArgumentException(
            "The prompt is empty; there is nothing to go on from.", nameof(promptTokens));
        RequestSettings settings = Settle(options);
        return requests.RunAsync(
            (model, token) => CompletionPlan.Create(prompt, settings, model, token), settings, cancellationToken);
    }

    private RequestSettings Settle(ChatOptions? options)
    {
        if (options?.Tools is { Count: > 0 })
        {
            throw new ArgumentException(
                "A completion has no turns and calls no tools: leave ChatOptions.Tools empty, or use the chat client.",
                nameof(options));
        }

        if (!string.IsNullOrWhiteSpace(options?.Instructions))
        {
            throw new ArgumentException(
                "A completion has no system text: write what ChatOptions.Instructions says into the prompt, or use the "
                + "chat client.",
                nameof(options));
        }

        return requests.Settle(options, client);
    }
}
