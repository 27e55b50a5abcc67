using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Adapters;

/// <summary>The weights of one adapter.</summary>
internal sealed class LoraAdapter : IDisposable
{
    private readonly Arena _memory = new("an adapter");
    private readonly LoraPair?[] _pairs;

    /// <summary>Copies an adapter's weights.</summary>
    /// <param name="file">The adapter.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <exception cref="InsufficientMemoryException">There is not that much memory.</exception>
    public LoraAdapter(LoraFile file, int layers)
    {
        _pairs = new LoraPair?[layers * LoraFile.Projections.Length];
        try
        {
            foreach (LoraTensors tensors in file.Tensors)
            {
                _pairs[Place(tensors.Layer, tensors.Target)] = new LoraPair(tensors, _memory);
                Rank = Math.Max(Rank, tensors.Rank);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The largest rank of its pairs.</summary>
    public int Rank { get; }

    /// <summary>Bytes of its weights.</summary>
    public long Bytes => _memory.Bytes;

    /// <summary>What it adds to a matrix, or null.</summary>
    public LoraPair? Get(int layer, LoraTarget target) => _pairs[Place(layer, target)];

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private static int Place(int layer, LoraTarget target) => (layer * LoraFile.Projections.Length) + (int)target;
}
