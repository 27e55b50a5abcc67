using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed;

/// <summary>
/// Where keys and values lie: <c>[group of blocks][layer][KV head][block of the group][keys, then values]</c>, each as
/// <see cref="AttentionShape"/> says. Inside a group attention reads on from block to block. Reserved at once and
/// touched on use, by groups: with one run of memory for each layer and head, the first tokens would take a large page
/// of each.
/// </summary>
internal sealed unsafe class KvMemory : IBlockMemory, IDisposable
{
    /// <summary>1,024 tokens: 512 KiB of SmolLM3 for each layer and head.</summary>
    private const int GroupBlocks = 16;

    private readonly AlignedMemory _memory;
    private readonly ModelConfig _config;
    private readonly long _headBytes;
    private readonly int _groupBlocks;
    private readonly long _groupBytes;

    /// <summary>Reserves the blocks.</summary>
    /// <param name="config">The model.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="blockTokens">Tokens in a block.</param>
    /// <param name="type">How numbers are kept.</param>
    /// <param name="weightBytes">What must fit into memory besides.</param>
    /// <exception cref="InsufficientMemoryException">There is not that much memory.</exception>
    public KvMemory(ModelConfig config, int blocks, int blockTokens, KvCacheType type, long weightBytes = 0)
    {
        _config = config;
        Shape = new AttentionShape(config.HeadDimension, blockTokens, type);
        _headBytes = Shape.KeyBytes + Shape.ValueBytes;
        _groupBlocks = Math.Min(GroupBlocks, blocks);
        _groupBytes = (long)config.Layers * config.KvHeads * _groupBlocks * _headBytes;
        Int128 bytes = (Int128)((blocks + _groupBlocks - 1) / _groupBlocks) * _groupBytes;

        // Systems promise more than they have; what cannot ever fit is refused here, not by a killed process later.
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string purpose = $"the keys and values of {(long)blocks * blockTokens:N0} tokens "
            + $"({BytesPerToken:N0} bytes each)";
        if (available > 0 && bytes + weightBytes > available)
        {
            throw new InsufficientMemoryException(
                $"{purpose} take {bytes:N0} bytes beside {weightBytes:N0} of weights, but this process can have "
                + $"{available:N0}. "
                + "Use a shorter context or a smaller capacity.");
        }

        _memory = new AlignedMemory((long)bytes, purpose);
    }

    /// <summary>Bytes reserved.</summary>
    public long Bytes => _memory.Bytes;

    /// <summary>Bytes of the keys and values of one token.</summary>
    public int BytesPerToken => _config.KvBytesPerToken(Shape.Type);

    /// <summary>Where in a block things lie.</summary>
    public AttentionShape Shape { get; }

    /// <summary>The keys of one block, layer and KV head.</summary>
    public byte* Keys(int block, int layer, int head)
    {
        (int group, int place) = Math.DivRem(block, _groupBlocks);
        long run = (((long)layer * _config.KvHeads) + head) * _groupBlocks;
        return (byte*)_memory.Pointer + (group * _groupBytes) + ((run + place) * _headBytes);
    }

    /// <summary>The values of one block, layer and KV head.</summary>
    public byte* Values(int block, int layer, int head) => Keys(block, layer, head) + Shape.KeyBytes;

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

    private void CopyLines(byte* source, byte* destination, int tokens)
    {
        // keys: every line of the first tokens' line groups; values: the first tokens of every dimension line
        int groups = (tokens + AttentionShape.Line - 1) / AttentionShape.Line;
        Copy(source, destination, groups * Shape.HeadDimension * Shape.LineBytes);
        Copy(source + Shape.KeyScales, destination + Shape.KeyScales, Shape.ScaleBytes);

        source += Shape.KeyBytes;
        destination += Shape.KeyBytes;
        for (int line = 0; line < Shape.ValueScales; line += Shape.BlockTokens * Shape.LineBytes)
        {
            Copy(source + line, destination + line, tokens * Shape.LineBytes);
        }

        Copy(source + Shape.ValueScales, destination + Shape.ValueScales, Shape.ScaleBytes);
    }

    private static void Copy(byte* source, byte* destination, int bytes) =>
        new ReadOnlySpan<byte>(source, bytes).CopyTo(new Span<byte>(destination, bytes));
}
