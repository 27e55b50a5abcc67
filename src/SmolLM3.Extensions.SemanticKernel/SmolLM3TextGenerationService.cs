using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.TextGeneration;
using TextContent = Microsoft.SemanticKernel.TextContent;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>Continues prompts as they stand, without turns or a template: what a base model is for. An instruct model
/// continues texts too.</summary>
/// <remarks>Safe for concurrent use as its client is. Of <see cref="SmolLM3PromptExecutionSettings"/> everything about
/// sampling, limits, stop sequences, adapters and the response format holds; reasoning is ignored. <c>FinishReason</c> and
/// <c>Usage</c> (a <see cref="UsageDetails"/>) stand in the metadata.</remarks>
public sealed class SmolLM3TextGenerationService : ITextGenerationService
{
    private readonly ISmolLM3TextCompletion _completion;

    /// <summary>Wraps a client.</summary>
    /// <param name="client">The client; not disposed.</param>
    /// <exception cref="ArgumentException">The client offers no <see cref="ISmolLM3TextCompletion"/>.</exception>
    public SmolLM3TextGenerationService(IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _completion = client.GetService<ISmolLM3TextCompletion>() ?? throw new ArgumentException(
            $"The client continues no texts: its GetService gives no {nameof(ISmolLM3TextCompletion)}. Pass a "
            + $"{nameof(SmolLM3ChatClient)}, or what middleware made of one.",
            nameof(client));
        Attributes = ServiceAttributes.Of(client);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Attributes { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The prompt is empty, the settings offer functions or instructions, or one is of
    /// a wrong type or out of its range.</exception>
    public async Task<IReadOnlyList<TextContent>> GetTextContentsAsync(
        string prompt,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default)
    {
        ChatResponse response = await _completion
            .CompleteAsync(prompt, ToOptions(executionSettings, kernel), cancellationToken)
            .ConfigureAwait(false);
        ChatMessage message = response.Messages[^1];
        return
        [
            new TextContent(
                message.Text, response.ModelId, response, metadata: ResponseMetadata.Of(message, response)),
        ];
    }

    /// <inheritdoc/>
    /// <inheritdoc cref="GetTextContentsAsync" path="/exception"/>
    public IAsyncEnumerable<StreamingTextContent> GetStreamingTextContentsAsync(
        string prompt,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default) =>
        ToContentsAsync(
            _completion.CompleteStreamingAsync(prompt, ToOptions(executionSettings, kernel), cancellationToken),
            cancellationToken);

    private static async IAsyncEnumerable<StreamingTextContent> ToContentsAsync(
        IAsyncEnumerable<ChatResponseUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ChatResponseUpdate update in updates.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return new StreamingTextContent(
                update.Text, 0, update.ModelId, update, metadata: ResponseMetadata.Of(update));
        }
    }

    private static ChatOptions ToOptions(PromptExecutionSettings? settings, Kernel? kernel) =>
        SmolLM3PromptExecutionSettings.FromExecutionSettings(settings).ToChatOptions(kernel);
}
