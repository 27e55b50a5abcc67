using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed;

/// <summary>
/// Where keys and values lie, as half numbers: <c>[block][layer][KV head][keys, then values]</c>, each as
/// <see cref="AttentionShape"/> says. Reserved at once and touched on use.
/// </summary>
internal sealed unsafe class KvMemory : IBlockMemory, IDisposable
{
    private readonly AlignedMemory _memory;
    private readonly ModelConfig _config;
    private readonly long _headLength;
    private readonly long _blockLength;

    /// <summary>Reserves the blocks.</summary>
    /// <exception cref="InsufficientMemoryException">There is not that much memory.</exception>
    public KvMemory(ModelConfig config, int blocks, int blockTokens)
    {
        _config = config;
        Shape = new AttentionShape(config.HeadDimension, blockTokens);
        _headLength = Shape.KeyLength + Shape.ValueLength;
        _blockLength = (long)config.Layers * config.KvHeads * _headLength;
        Int128 bytes = (Int128)blocks * _blockLength * sizeof(ushort);

        // Systems promise more than they have; what cannot ever fit is refused here, not by a killed process later.
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string purpose = $"the keys and values of {(long)blocks * blockTokens:N0} tokens "
            + $"({config.KvBytesPerToken:N0} bytes each)";
        if (available > 0 && bytes > available)
        {
            throw new InsufficientMemoryException(
                $"{purpose} take {bytes:N0} bytes, but this process can have {available:N0}. "
                + "Use a shorter context or a smaller capacity.");
        }

        _memory = new AlignedMemory((long)bytes, purpose);
    }

    /// <summary>Where in a block things lie.</summary>
    public AttentionShape Shape { get; }

    /// <summary>The keys of one block, layer and KV head.</summary>
    public ushort* Keys(int block, int layer, int head) =>
        (ushort*)_memory.Pointer + (block * _blockLength) + (((layer * _config.KvHeads) + head) * _headLength);

    /// <summary>The values of one block, layer and KV head.</summary>
    public ushort* Values(int block, int layer, int head) => Keys(block, layer, head) + Shape.KeyLength;

    /// <inheritdoc/>
    /// <remarks>Copies the lines that hold the tokens, and with them whatever stands in the same lines.</remarks>
    public void Copy(int source, int destination, int tokens)
    {
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            for (int head = 0; head < _config.KvHeads; head++)
            {
                CopyLines(Keys(source, layer, head), Keys(destination, layer, head), tokens);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private void CopyLines(ushort* source, ushort* destination, int tokens)
    {
        // keys: every line of the first tokens' line groups; values: the first tokens of every dimension line
        int keys = (tokens + AttentionShape.Line - 1) / AttentionShape.Line * AttentionShape.Line * Shape.HeadDimension;
        new ReadOnlySpan<ushort>(source, keys).CopyTo(new Span<ushort>(destination, keys));

        int values = tokens * AttentionShape.Line;
        int stride = Shape.BlockTokens * AttentionShape.Line;
        for (int start = Shape.KeyLength; start < _headLength; start += stride)
        {
            new ReadOnlySpan<ushort>(source + start, values).CopyTo(new Span<ushort>(destination + start, values));
        }
    }
}
