using System.Runtime.CompilerServices;

namespace SmolLM3.Extensions.Loading;

/// <summary>A client's hold on its model: its requests keep the model in memory, and end when the client is
/// disposed.</summary>
/// <param name="model">The model, already held.</param>
internal sealed class ClientModel(SharedModel model) : IAsyncDisposable
{
    private readonly CancellationTokenSource _disposing = new();
    private ModelHead? _head;
    private int _isDisposed;

    /// <summary>What became of the model so far.</summary>
    public Task<LoadedModel>? Loading => model.Loading;

    /// <summary>Whether the client is disposed.</summary>
    public bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <summary>Begins a request.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public RequestScope Begin(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return model.TryHold()
            ? new RequestScope(model, _disposing.Token, cancellationToken)
            : throw new ObjectDisposedException(nameof(SmolLM3ChatClient));
    }

    /// <summary>Does something with the model, loaded if it was not.</summary>
    public async Task<T> UseAsync<T>(
        Func<LoadedModel, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        RequestScope scope = Begin(cancellationToken);
        await using ConfiguredAsyncDisposable ending = scope.ConfigureAwait(false);
        LoadedModel loaded = await scope.GetModelAsync().ConfigureAwait(false);
        return await scope.RunAsync(token => work(loaded, token)).ConfigureAwait(false);
    }

    /// <summary>Loads the model.</summary>
    public Task<LoadedModel> LoadAsync(CancellationToken cancellationToken) =>
        UseAsync((loaded, _) => Task.FromResult(loaded), cancellationToken);

    /// <summary>Loads the model and waits for it.</summary>
    public LoadedModel Load() => LoadAsync(CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>What is known of the model without its weights. Loads nothing where that can be read by itself.</summary>
    public ModelHead GetHead()
    {
        ThrowIfDisposed();
        if (model.Loading is { IsCompletedSuccessfully: true } loaded)
        {
            // Answers carry the ids of this tokenizer, and its memory is there anyway.
            _head = null;
            return loaded.Result.Head;
        }

        return model.ReadHead is { } read ? _head ??= read() : Load().Head;
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, typeof(SmolLM3ChatClient));

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            try
            {
                await _disposing.CancelAsync().ConfigureAwait(false);
            }
            finally
            {
                // What a caller registered with a token may throw.
                await model.ReleaseAsync().ConfigureAwait(false);
            }
        }
    }
}
