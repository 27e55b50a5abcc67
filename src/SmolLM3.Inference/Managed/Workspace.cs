using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed;

/// <summary>
/// The buffers of a forward pass, for as many rows as a batch may have. Pages are touched on use, so a process that
/// only ever decodes never pays for a full batch.
/// </summary>
internal sealed unsafe class Workspace : IDisposable
{
    private readonly Arena _memory = new("the buffers of a forward pass");
    private AlignedMemory? _logits;

    /// <summary>Reserves them.</summary>
    /// <exception cref="InsufficientMemoryException">There is not that much memory.</exception>
    public Workspace(ModelConfig config, ModelWeights weights, KernelSet kernels, int maxRows)
    {
        long rows = maxRows;
        Hidden = _memory.TakeFloats(rows * config.Width);
        Branch = _memory.TakeFloats(rows * config.Width);
        Query = _memory.TakeFloats(rows * config.QueryWidth);
        Key = _memory.TakeFloats(rows * config.KvWidth);
        Value = _memory.TakeFloats(rows * config.KvWidth);
        Attended = _memory.TakeFloats(rows * config.QueryWidth);
        Gated = _memory.TakeFloats(rows * config.FeedForwardWidth);
        Cos = _memory.TakeFloats(rows * config.RopeDimensions);
        Sin = _memory.TakeFloats(rows * config.RopeDimensions);

        ActivationRows Rows(Func<LayerWeights, WeightMatrix[]> readers) =>
            new(maxRows, weights.Layers.SelectMany(readers), kernels, _memory);
        Normed = Rows(layer => [layer.Query, layer.Key, layer.Value, layer.Gate, layer.Up]);
        AttendedRows = Rows(layer => [layer.AttentionOutput]);
        GatedRows = Rows(layer => [layer.Down]);
        HeadRows = new ActivationRows(maxRows, [weights.Head], kernels, _memory);
    }

    /// <summary>What each row is so far, <c>[rows, width]</c>.</summary>
    public float* Hidden { get; }

    /// <summary>What attention or the feed-forward network adds to it, <c>[rows, width]</c>.</summary>
    public float* Branch { get; }

    /// <summary>Queries, <c>[rows, query width]</c>.</summary>
    public float* Query { get; }

    /// <summary>Keys, <c>[rows, KV width]</c>.</summary>
    public float* Key { get; }

    /// <summary>Values, <c>[rows, KV width]</c>.</summary>
    public float* Value { get; }

    /// <summary>Attention's weighted values, <c>[rows, query width]</c>.</summary>
    public float* Attended { get; }

    /// <summary>Gate times up, <c>[rows, feed-forward width]</c>.</summary>
    public float* Gated { get; }

    /// <summary>Cosines of the rows' positions, <c>[rows, rope dimensions]</c>.</summary>
    public float* Cos { get; }

    /// <summary>Sines of the rows' positions, <c>[rows, rope dimensions]</c>.</summary>
    public float* Sin { get; }

    /// <summary>Normed hidden rows as matrices read them, <c>[rows, width]</c>.</summary>
    public ActivationRows Normed { get; }

    /// <summary><see cref="Attended"/> as matrices read it.</summary>
    public ActivationRows AttendedRows { get; }

    /// <summary><see cref="Gated"/> as matrices read it.</summary>
    public ActivationRows GatedRows { get; }

    /// <summary>Normed rows that asked for logits, <c>[logits rows, width]</c>.</summary>
    public ActivationRows HeadRows { get; }

    /// <summary>Logits, <c>[logits rows, vocabulary]</c>; null before the first pass that had any.</summary>
    public float* Logits => _logits is null ? null : (float*)_logits.Pointer;

    /// <summary>Bytes reserved.</summary>
    public long Bytes => _memory.Bytes + (_logits?.Bytes ?? 0);

    /// <summary>Reserves scratch memory for a step.</summary>
    public Scratch TakeScratch(int workers, long floats) => new(_memory, workers, floats);

    /// <summary>Makes room for logits; what was in them is lost if they grow.</summary>
    /// <exception cref="InsufficientMemoryException">There is not that much memory.</exception>
    public void ReserveLogits(int rows, int vocabulary)
    {
        long bytes = (long)rows * vocabulary * sizeof(float);
        if (_logits is null || _logits.Bytes < bytes)
        {
            _logits?.Dispose();
            _logits = null;
            _logits = new AlignedMemory(bytes, $"the logits of {rows} rows");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.Dispose();
        _logits?.Dispose();
    }
}
