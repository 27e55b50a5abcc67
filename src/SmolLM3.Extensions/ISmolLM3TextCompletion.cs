using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions;

// A text and a list of ids are never taken for one another, so the optional parameters make no call ambiguous.
#pragma warning disable RS0026

/// <summary>Continues texts as they stand: no chat template, no turns, no reasoning. What a base model is for; an
/// instruct model continues texts too. Had from <c>chatClient.GetService&lt;ISmolLM3TextCompletion&gt;()</c>, also
/// through middleware.</summary>
/// <remarks>
/// <para>Safe for concurrent use, together with chats: all share the model's steps and its cache of prompts. The first
/// request loads the model. Arguments are copied when a method is called and never changed.</para>
/// <para>Of <see cref="ChatOptions"/>, everything about sampling, <c>MaxOutputTokens</c>, <c>StopSequences</c>,
/// <c>ResponseFormat</c> and what <see cref="SmolLM3RequestOptions"/> adds to it (regular expressions, choices,
/// log-probabilities, adapters, time limits) holds as in a chat, with the client's own options as defaults. A format is
/// enforced and not told to the model: the prompt must. Reasoning has no meaning here and is ignored;
/// <see cref="ContextOverflow.DropOldestTurns"/> too, for there are no turns. Tools and instructions throw.</para>
/// <para>The answer is text only, in an assistant message: one <see cref="TextContent"/> an update, blanks and tags as
/// the model wrote them; the last update has the usage and the finish reason. It ends with an end token of the model
/// (for base models <c>&lt;|end_of_text|&gt;</c>), a stop sequence, which is found across tokens and not given out, or
/// a limit.</para>
/// </remarks>
public interface ISmolLM3TextCompletion
{
    /// <summary>Continues a text.</summary>
    /// <param name="prompt">The text, not empty. Nothing in it is control: <c>&lt;|im_end|&gt;</c> and the like are just
    /// characters. No token is put in front.</param>
    /// <param name="options">How; null: as the client's options say.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What follows the prompt, without the prompt.</returns>
    /// <exception cref="ArgumentNullException">The prompt is null.</exception>
    /// <exception cref="ArgumentException">The prompt is empty, a token id is outside the vocabulary, the options have
    /// tools or instructions, or one is of a wrong type or out of its range.</exception>
    /// <exception cref="UnknownModelException">The options name another model.</exception>
    /// <exception cref="UnknownAdapterException">The options, or the client's, name an adapter that is not
    /// loaded.</exception>
    /// <exception cref="NotSupportedException">A JSON schema or pattern asks for what cannot be enforced.</exception>
    /// <exception cref="PromptTooLongException">The prompt leaves no room for another token.</exception>
    /// <exception cref="SmolLM3OverloadedException">Too many requests wait already.</exception>
    /// <exception cref="CapacityExceededException">The request alone does not fit into the engine's memory.</exception>
    /// <exception cref="TimeoutException">The time of <see cref="SmolLM3RequestOptions.Timeout"/> is up.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed, before or during the request.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<ChatResponse> CompleteAsync(
        string prompt, ChatOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Continues token ids.</summary>
    /// <param name="promptTokens">The ids, at least one, taken as they are: those of special tokens are control.</param>
    /// <param name="options">How; null: as the client's options say.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <inheritdoc cref="CompleteAsync(string, ChatOptions?, CancellationToken)"/>
    Task<ChatResponse> CompleteAsync(
        IReadOnlyList<int> promptTokens, ChatOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Continues a text, as it comes.</summary>
    /// <returns>The pieces, to be read once. Leaving the stream early ends the request.</returns>
    /// <inheritdoc cref="CompleteAsync(string, ChatOptions?, CancellationToken)"/>
    IAsyncEnumerable<ChatResponseUpdate> CompleteStreamingAsync(
        string prompt, ChatOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Continues token ids, as the text comes.</summary>
    /// <returns>The pieces, to be read once. Leaving the stream early ends the request.</returns>
    /// <inheritdoc cref="CompleteAsync(IReadOnlyList{int}, ChatOptions?, CancellationToken)"/>
    IAsyncEnumerable<ChatResponseUpdate> CompleteStreamingAsync(
        IReadOnlyList<int> promptTokens, ChatOptions? options = null, CancellationToken cancellationToken = default);
}
