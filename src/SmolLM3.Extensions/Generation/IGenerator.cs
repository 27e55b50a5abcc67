namespace SmolLM3.Extensions.Generation;

/// <summary>
/// Turns a prompt of token ids into a stream of token ids. What stands above it knows messages, roles and tools; what
/// stands below it knows batches and logits.
/// </summary>
/// <remarks>All members are safe for concurrent use; concurrent requests share the model's steps.</remarks>
public interface IGenerator : IAsyncDisposable
{
    /// <summary>Generates until a stop token, the token limit or the end of the context.</summary>
    /// <param name="request">What to go on from, and how.</param>
    /// <param name="cancellationToken">Ends the request, also while it waits or its prompt is computed.</param>
    /// <returns>The tokens as they come. The last one, and only it, has an <see cref="GeneratedToken.End"/>. Work
    /// begins when the stream is first read; leaving it early ends the request. To be read once.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="ArgumentException">The prompt is empty, or a token id is outside the vocabulary.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit or a sampling option is out of its range.</exception>
    /// <exception cref="PromptTooLongException">The prompt leaves no room for an answer.</exception>
    /// <exception cref="ObjectDisposedException">The generator is disposed, before or while it generates.</exception>
    /// <exception cref="OperationCanceledException">While reading: <paramref name="cancellationToken"/> was
    /// cancelled.</exception>
    /// <exception cref="CapacityExceededException">While reading: the request cannot fit into the engine's memory.
    /// </exception>
    /// <exception cref="SmolLM3OverloadedException">While reading: too many requests wait already.</exception>
    /// <exception cref="TimeoutException">While reading: the request's time is up.</exception>
    /// <exception cref="InvalidLogitsException">While reading: the model computed NaN or infinity for this request.
    /// </exception>
    IAsyncEnumerable<GeneratedToken> GenerateAsync(
        GenerationRequest request, CancellationToken cancellationToken = default);
}
