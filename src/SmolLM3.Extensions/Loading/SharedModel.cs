namespace SmolLM3.Extensions.Loading;

/// <summary>
/// One model that several clients hold: loaded when the first of them needs it, freed when the last lets go. A load
/// that failed is tried again by the next who asks; one that nobody waits for any more is cancelled.
/// </summary>
/// <param name="load">Loads it; runs on a pool thread.</param>
/// <param name="freed">Told when nobody holds it any more.</param>
internal sealed class SharedModel(
    Func<CancellationToken, Task<LoadedModel>> load, Action<SharedModel>? freed = null)
{
    private readonly Lock _lock = new();
    private Task<LoadedModel>? _loading;
    private CancellationTokenSource _givingUp = new();
    private int _waiting;
    private int _holders;
    private bool _freed;

    /// <summary>One whose load cannot be cancelled.</summary>
    public SharedModel(Func<LoadedModel> load, Action<SharedModel>? freed = null)
        : this(_ => Task.FromResult(load()), freed)
    {
    }

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

    /// <summary>Reads what is known of the model without its weights; null: it is known once the model is
    /// loaded.</summary>
    public Func<ModelHead>? ReadHead { get; init; }

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
    /// <param name="cancellationToken">Ends the waiting. The load itself goes on for the others, and is cancelled where
    /// there are none.</param>
    /// <exception cref="ObjectDisposedException">It was freed.</exception>
    public async Task<LoadedModel> GetAsync(CancellationToken cancellationToken)
    {
        Task<LoadedModel> loading;
        lock (_lock)
        {
            // A load begun now would be nobody's to free.
            ObjectDisposedException.ThrowIf(_freed, this);
            loading = Begin();
            _waiting++;
        }

        try
        {
            return await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            StopWaiting(loading);
        }
    }

    /// <summary>The load in progress, or a new one behind it where that was given up: two at once would take the memory
    /// twice.</summary>
    private Task<LoadedModel> Begin()
    {
        if (_loading is { } current && !current.IsFaulted && !current.IsCanceled
            && (current.IsCompleted || !_givingUp.IsCancellationRequested))
        {
            return current;
        }

        Task<LoadedModel>? before = _loading;
        CancellationToken givingUp = (_givingUp = new()).Token;
        return _loading = Task.Run(
            async () =>
            {
                if (before is not null)
                {
                    await ((Task)before).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    if (before.IsCompletedSuccessfully)
                    {
                        return await before.ConfigureAwait(false);
                    }
                }

                return await load(givingUp).ConfigureAwait(false);
            },
            CancellationToken.None);
    }

    private void StopWaiting(Task<LoadedModel> loading)
    {
        CancellationTokenSource? unwanted;
        lock (_lock)
        {
            unwanted = --_waiting == 0 && !loading.IsCompleted ? _givingUp : null;
        }

        unwanted?.Cancel();
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
