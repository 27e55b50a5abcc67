using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Loading;

/// <summary>One request on a model: it keeps the model in memory, and ends when its caller cancels or its client is
/// disposed, each with the exception that says so.</summary>
internal sealed class RequestScope : IAsyncDisposable
{
    private readonly SharedModel _model;
    private readonly CancellationToken _disposing;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _either;

    /// <summary>Begins a request.</summary>
    /// <param name="model">The model, held for this request, which releases it.</param>
    /// <param name="disposing">Cancelled when the client is disposed.</param>
    /// <param name="caller">Cancelled when the caller gives up.</param>
    public RequestScope(SharedModel model, CancellationToken disposing, CancellationToken caller)
    {
        (_model, _disposing, _caller) = (model, disposing, caller);
        _either = CancellationTokenSource.CreateLinkedTokenSource(disposing, caller);
    }

    /// <summary>The model, loaded if it was not.</summary>
    public Task<LoadedModel> GetModelAsync() => RunAsync(_model.GetAsync);

    /// <summary>Does some of the request's work.</summary>
    /// <param name="work">The work, ended by the token it gets.</param>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            _either.Token.ThrowIfCancellationRequested();
            return await work(_either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            throw Translate(exception);
        }
    }

    /// <summary>Does work of the request that may take long.</summary>
    public T Run<T>(Func<CancellationToken, T> work)
    {
        try
        {
            return work(_either.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw Translate(exception);
        }
    }

    /// <summary>Starts generating.</summary>
    public TokenReader Generate(IGenerator generator, GenerationRequest request) =>
        new(generator.GenerateAsync(request, _either.Token).GetAsyncEnumerator(_either.Token), this);

    /// <summary>What a cancellation means: the caller gave up, or the client is gone.</summary>
    public Exception Translate(OperationCanceledException exception) =>
        _caller.IsCancellationRequested
            ? new OperationCanceledException(exception.Message, exception, _caller)
            : _disposing.IsCancellationRequested
                ? new ObjectDisposedException("The chat client was disposed during the request.", exception)
                : exception;

    public async ValueTask DisposeAsync()
    {
        _either.Dispose();
        await _model.ReleaseAsync().ConfigureAwait(false);
    }
}
