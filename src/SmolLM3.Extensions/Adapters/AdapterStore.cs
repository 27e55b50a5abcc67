using SmolLM3.Extensions.Generation;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Adapters;

/// <summary>
/// The adapters of a model, by name, and who uses them. One that is unloaded has no name from then on, so that nobody new
/// uses it, and goes when the last request that does has ended. All members are safe for concurrent use.
/// </summary>
/// <param name="generator">What computes; null: not in this process, where adapters cannot be loaded.</param>
/// <param name="loaded">Those the engine has from the start.</param>
internal sealed class AdapterStore(LocalGenerator? generator = null, IEnumerable<LoadedAdapter>? loaded = null)
{
    private readonly Lock _lock = new();

    // By name, in ordinal order; null: being loaded.
    private readonly SortedDictionary<string, LoadedAdapter?> _adapters = new(
        (loaded ?? []).ToDictionary(adapter => adapter.Name, adapter => (LoadedAdapter?)adapter),
        StringComparer.Ordinal);

    /// <summary>Names of those that are loaded, in ordinal order.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_lock)
            {
                return [.. Loaded.Select(adapter => adapter.Name)];
            }
        }
    }

    private IEnumerable<LoadedAdapter> Loaded => _adapters.Values.OfType<LoadedAdapter>();

    /// <summary>Loads an adapter from a file.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="AdapterNotFoundException">The file is not there.</exception>
    /// <exception cref="GgufFormatException">It is no adapter, damaged, or made for another base model.</exception>
    /// <exception cref="UnsupportedModelException">It changes what is not adapted here.</exception>
    /// <exception cref="NotSupportedException">The model is not computed in this process.</exception>
    public async Task<LoadedAdapter> LoadAsync(string name, string path, CancellationToken cancellationToken)
    {
        LocalGenerator local = ThrowIfElsewhere();
        Reserve(name);
        LoadedAdapter? adapter = null;
        try
        {
            using GgufFile file = await Task.Run(() => AdapterFiles.Open(path), cancellationToken)
                .ConfigureAwait(false);
            string fingerprint = file.ComputeFingerprint();
            int handle = await local.LoadAdapterAsync(file, cancellationToken).ConfigureAwait(false);
            return adapter = new LoadedAdapter(name, handle, fingerprint);
        }
        finally
        {
            Settle(name, adapter);
        }
    }

    /// <summary>Takes an adapter's name away at once, and unloads it when nobody uses it any more.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends the waiting; it is unloaded all the same.</param>
    /// <exception cref="UnknownAdapterException">None has this name.</exception>
    /// <exception cref="NotSupportedException">The model is not computed in this process.</exception>
    public async Task<LoadedAdapter> UnloadAsync(string name, CancellationToken cancellationToken)
    {
        LoadedAdapter adapter;
        lock (_lock)
        {
            adapter = Find(name);
            ThrowIfElsewhere();
            _adapters.Remove(name);
            adapter.Leave();
        }

        await UnloadWhenUnusedAsync(adapter).WaitAsync(cancellationToken).ConfigureAwait(false);
        return adapter;
    }

    /// <summary>Holds the adapters of a request. Their order depends on their files, never on who asks how.</summary>
    /// <exception cref="UnknownAdapterException">A name is unknown.</exception>
    public AdapterLease Lease(IReadOnlyList<AdapterChoice> choices)
    {
        if (choices.Count == 0)
        {
            return AdapterLease.None;
        }

        lock (_lock)
        {
            return Lease([.. choices
                .Select(choice => (Adapter: Find(choice.Name), choice.Scale))
                .Where(use => use.Scale != 0)
                .OrderBy(use => use.Adapter.Fingerprint, StringComparer.Ordinal)
                .ThenBy(use => use.Adapter.Name, StringComparer.Ordinal)]);
        }
    }

    /// <summary>Holds the adapters that something was computed with, in its order.</summary>
    /// <param name="origins">Them.</param>
    /// <param name="missing">Fingerprints of those that are not loaded.</param>
    /// <returns>Null when one is missing.</returns>
    public AdapterLease? TryLease(IReadOnlyList<AdapterOrigin> origins, out IReadOnlyList<string> missing)
    {
        lock (_lock)
        {
            // A file may be loaded under two names, and both be used.
            List<LoadedAdapter> free = [.. Loaded];
            List<(LoadedAdapter, float)> uses = [];
            List<string> unknown = [];
            foreach ((string fingerprint, float scale) in origins)
            {
                if (free.Find(adapter => adapter.Fingerprint == fingerprint) is { } found)
                {
                    free.Remove(found);
                    uses.Add((found, scale));
                }
                else
                {
                    unknown.Add(fingerprint);
                }
            }

            missing = unknown;
            return unknown.Count == 0 ? Lease(uses) : null;
        }
    }

    /// <summary>How many requests use an adapter.</summary>
    internal int CountLeases(string name)
    {
        lock (_lock)
        {
            return Find(name).Leases;
        }
    }

    /// <summary>Ends the hold of a lease.</summary>
    public void Release(IEnumerable<LoadedAdapter> adapters)
    {
        lock (_lock)
        {
            foreach (LoadedAdapter adapter in adapters)
            {
                adapter.Release();
            }
        }
    }

    private AdapterLease Lease(IReadOnlyList<(LoadedAdapter Adapter, float Scale)> uses)
    {
        AdapterLease lease = new(this, uses);
        foreach ((LoadedAdapter adapter, _) in uses)
        {
            adapter.Take();
        }

        return lease;
    }

    private LocalGenerator ThrowIfElsewhere() => generator ?? throw new NotSupportedException(
        "The model is not computed in this process: load and unload its adapters where it is.");

    private void Reserve(string name)
    {
        lock (_lock)
        {
            if (!_adapters.TryAdd(name, null))
            {
                throw new ArgumentException(
                    $"There is an adapter '{name}' already. Unload it first, or choose another name.", nameof(name));
            }
        }
    }

    private void Settle(string name, LoadedAdapter? adapter)
    {
        lock (_lock)
        {
            _adapters.Remove(name);
            if (adapter is not null)
            {
                _adapters.Add(name, adapter);
            }
        }
    }

    private LoadedAdapter Find(string name) =>
        _adapters.GetValueOrDefault(name)
        ?? throw new UnknownAdapterException(name, [.. Loaded.Select(adapter => adapter.Name)]);

    private async Task UnloadWhenUnusedAsync(LoadedAdapter adapter)
    {
        await adapter.Unused.ConfigureAwait(false);
        await generator!.UnloadAdapterAsync(adapter.Handle).ConfigureAwait(false);
    }
}
