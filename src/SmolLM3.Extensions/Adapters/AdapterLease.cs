using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Adapters;

/// <summary>The adapters of one request; they stay loaded until it is disposed.</summary>
internal sealed class AdapterLease : IDisposable
{
    private readonly AdapterStore? _store;
    private IReadOnlyList<(LoadedAdapter Adapter, float Scale)> _uses;

    /// <summary>Takes adapters that their store has counted for it.</summary>
    public AdapterLease(AdapterStore? store, IReadOnlyList<(LoadedAdapter Adapter, float Scale)> uses)
    {
        (_store, _uses) = (store, uses);
        Set = uses.Count == 0
            ? AdapterSet.None
            : new AdapterSet(uses.Select(use => new AdapterUse(use.Adapter.Handle, use.Scale)));
        Origins = [.. uses.Select(use => new AdapterOrigin(use.Adapter.Fingerprint, use.Scale))];
    }

    /// <summary>No adapter.</summary>
    public static AdapterLease None { get; } = new(null, []);

    /// <summary>As the engine knows them.</summary>
    public AdapterSet Set { get; }

    /// <summary>As snapshots know them, in the same order.</summary>
    public IReadOnlyList<AdapterOrigin> Origins { get; }

    public void Dispose()
    {
        IReadOnlyList<(LoadedAdapter Adapter, float)> uses = Interlocked.Exchange(ref _uses, []);
        _store?.Release(uses.Select(use => use.Adapter));
    }
}
