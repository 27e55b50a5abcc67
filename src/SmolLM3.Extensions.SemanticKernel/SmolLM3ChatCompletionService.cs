using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>A chat client as a chat completion service that keeps what the kernel's own bridge drops: thoughts as
/// <see cref="ReasoningContent"/> and <see cref="StreamingReasoningContent"/>, and <c>FinishReason</c> and <c>Usage</c>
/// (a <see cref="UsageDetails"/>) in the metadata.</summary>
/// <remarks>
/// <para>Safe for concurrent use as its client is. Functions are invoked by the client's own middleware,
/// <c>UseKernelFunctionInvocation()</c>.</para>
/// <para>What a tool loop said on the way, calls and results, is added to the history; the last message is returned, and
/// adding it is up to the caller. Contents have the message or update they were made of as their
/// <c>InnerContent</c>.</para>
/// </remarks>
public sealed class SmolLM3ChatCompletionService : IChatCompletionService
{
    private readonly IChatClient _client;

    /// <summary>Wraps a client.</summary>
    /// <param name="client">The client, with its middleware; not disposed.</param>
    public SmolLM3ChatCompletionService(IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        Attributes = ServiceAttributes.Of(client);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Attributes { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A setting is of a wrong type or out of its range, or a function is required
    /// that is not offered.</exception>
    public async Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        (ChatOptions options, KernelTools tools) = ToOptions(executionSettings, kernel);
        ChatResponse response = await _client
            .GetResponseAsync(HistoryMapping.ToMessages(chatHistory, tools), options, cancellationToken)
            .ConfigureAwait(false);

        ResponseMapping mapping = new(tools);
        foreach (ChatMessage message in response.Messages.SkipLast(1))
        {
            chatHistory.Add(mapping.ToContent(message, null));
        }

        return response.Messages is [.., { } last] ? [mapping.ToContent(last, response)] : [];
    }

    /// <inheritdoc/>
    /// <inheritdoc cref="GetChatMessageContentsAsync" path="/exception"/>
    public IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        (ChatOptions options, KernelTools tools) = ToOptions(executionSettings, kernel);
        return StreamAsync(chatHistory, HistoryMapping.ToMessages(chatHistory, tools), options, tools, cancellationToken);
    }

    private async IAsyncEnumerable<StreamingChatMessageContent> StreamAsync(
        ChatHistory history,
        IEnumerable<ChatMessage> messages,
        ChatOptions options,
        KernelTools tools,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ResponseMapping mapping = new(tools);
        List<ChatResponseUpdate> message = [];
        (int requests, int calls) = (0, 0);
        IAsyncEnumerable<ChatResponseUpdate> updates = _client.GetStreamingResponseAsync(
            messages, options, cancellationToken);
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            if (message is [.., { } previous] && IsOfAnother(previous, update))
            {
                Keep();
                requests += update.Role == ChatRole.Assistant ? 1 : 0;
                (message, calls) = ([], 0);
            }

            message.Add(update);
            yield return mapping.ToStreaming(update, requests, ref calls);
        }

        // A filter ended the loop: nothing of its last results is left for the caller to add.
        if (message is [{ Role: { } role }, ..] && role == ChatRole.Tool)
        {
            Keep();
        }

        void Keep()
        {
            foreach (ChatMessage whole in message.ToChatResponse().Messages)
            {
                history.Add(mapping.ToContent(whole, null));
            }
        }
    }

    private static (ChatOptions Options, KernelTools Tools) ToOptions(
        PromptExecutionSettings? settings, Kernel? kernel)
    {
        // The kernel's own conversion brings the tools, and what the middleware of UseKernelFunctionInvocation looks for.
        ChatOptions options = SmolLM3PromptExecutionSettings.FromExecutionSettings(settings).ToChatOptions(kernel);
        KernelTools tools = new(options.Tools);

        // The kernel's middleware looks at the settings itself; any other runs whatever can be run.
        if (settings?.FunctionChoiceBehavior?.GetConfiguration(new([]) { Kernel = kernel }).AutoInvoke == false)
        {
            options.Tools = [.. (options.Tools ?? []).Select(tool => ((KernelFunction)tool).AsDeclarationOnly())];
        }

        return (options, tools);
    }

    private static bool IsOfAnother(ChatResponseUpdate previous, ChatResponseUpdate next) =>
        (next.Role is not null && next.Role != previous.Role)
        || (next.MessageId is not null && next.MessageId != previous.MessageId);
}
