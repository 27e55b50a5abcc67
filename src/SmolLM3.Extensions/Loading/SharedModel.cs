namespace SmolLM3.Extensions.Loading;

/// <summary>
/// One model that several clients hold: loaded when the first of them needs it, freed when the last lets go. A load
/// that failed is tried again by the next who asks.
/// </summary>
/// <param name="load">Loads it; runs on a pool thread.</param>
/// <param name="freed">Told when nobody holds it any more.</param>
internal sealed class SharedModel(Func<LoadedModel> load, Action<SharedModel>? freed = null)
{
    private readonly Lock _lock = new();
    private Task<LoadedModel>? _loading;
    private int _holders;
    private bool _freed;

    /// <summary>Takes hold. Each success needs one <see cref="ReleaseAsync"/>.</summary>
    /// <returns>False when it was freed.</returns>
    public bool TryHold()
    {
        lock (_lock)
        {
            _holders += _freed ? 0 : 1;
            return !_freed;
        }
    }

    /// <summary>The load in progress or the last one; null when nobody asked yet, or it was freed.</summary>
    public Task<LoadedModel>? Loading
    {
        get
        {
            lock (_lock)
            {
                return _freed ? null : _loading;
            }
        }
    }

    /// <summary>The model, for somebody who holds it.</summary>
    /// <param name="cancellationToken">Ends the waiting; the load itself goes on for the others.</param>
    /// <exception cref="ObjectDisposedException">It was freed.</exception>
    public Task<LoadedModel> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // A load begun now would be nobody's to free.
            ObjectDisposedException.ThrowIf(_freed, this);
            if (_loading is null or { IsFaulted: true })
            {
                _loading = Task.Run(load, CancellationToken.None);
            }

            return _loading.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Lets go. The last holder frees the model.</summary>
    public async ValueTask ReleaseAsync()
    {
        Task<LoadedModel>? loading;
        lock (_lock)
        {
            if (--_holders > 0)
            {
                return;
            }

            _freed = true;
            loading = _loading;
        }

        freed?.Invoke(this);
        if (loading is null)
        {
            return;
        }

        await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (loading.IsCompletedSuccessfully)
        {
            LoadedModel model = await loading.ConfigureAwait(false);
            await model.DisposeAsync().ConfigureAwait(false);
        }
    }
}
