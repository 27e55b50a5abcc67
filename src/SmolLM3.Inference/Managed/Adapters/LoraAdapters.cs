using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Adapters;

/// <summary>The adapters of an engine: their weights, and which sequence is computed with which.</summary>
/// <param name="model">The model's file.</param>
/// <param name="layers">Layers of the model.</param>
/// <param name="store">Tells how long sequences are.</param>
internal sealed class LoraAdapters(GgufFile model, int layers, KvStore store) : IDisposable
{
    private readonly Dictionary<int, LoraAdapter> _loaded = [];
    private readonly LoraUse[]?[] _uses = new LoraUse[]?[store.Sequences];

    /// <summary>Who uses what, by handles.</summary>
    public SequenceAdapters Sets { get; } = new(store.Sequences);

    /// <summary>Whether any sequence uses any.</summary>
    public bool Any { get; private set; }

    /// <summary>Ranks of the largest set that was ever set, added up.</summary>
    public int MostRank { get; private set; }

    /// <summary>Bytes of all weights.</summary>
    public long Bytes => _loaded.Values.Sum(adapter => adapter.Bytes);

    /// <inheritdoc cref="IInferenceEngine.LoadAdapter"/>
    public int Load(GgufFile file)
    {
        LoraAdapter adapter = new(LoraFile.Read(file, model), layers);
        int handle = Sets.Add();
        _loaded.Add(handle, adapter);
        return handle;
    }

    /// <inheritdoc cref="IInferenceEngine.UnloadAdapter"/>
    public void Unload(int adapter)
    {
        Sets.Remove(adapter, store.GetLength);
        _loaded.Remove(adapter, out LoraAdapter? unloaded);
        for (int sequence = 0; sequence < _uses.Length; sequence++)
        {
            Bind(sequence);
        }

        unloaded!.Dispose();
    }

    /// <inheritdoc cref="IInferenceEngine.SetAdapters"/>
    public void Set(int sequence, AdapterSet adapters)
    {
        Sets.Set(sequence, adapters, store.GetLength(sequence));
        Bind(sequence);
    }

    /// <summary>What a sequence is computed with; null: no adapter.</summary>
    public LoraUse[]? UsesOf(int sequence) => _uses[sequence];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LoraAdapter adapter in _loaded.Values)
        {
            adapter.Dispose();
        }
    }

    private void Bind(int sequence)
    {
        IReadOnlyList<AdapterUse> set = Sets.Get(sequence).Uses;
        var uses = new LoraUse[set.Count];
        int rank = 0;
        for (int i = 0; i < uses.Length; i++)
        {
            uses[i] = new LoraUse(_loaded[set[i].Adapter], set[i].Scale, rank);
            rank += uses[i].Adapter.Rank;
        }

        _uses[sequence] = uses.Length == 0 ? null : uses;
        MostRank = Math.Max(MostRank, rank);
        Any = Array.Exists(_uses, bound => bound is not null);
    }
}
