namespace SmolLM3.Inference.Gguf;

/// <summary>
/// One tensor of a <see cref="GgufFile"/>: rows of <see cref="Dimensions"/>[0] elements one after another, each a whole
/// number of blocks of its <see cref="Type"/>. A matrix of a model that maps n inputs to m outputs is m rows of n.
/// </summary>
public sealed unsafe class GgufTensor
{
    private readonly GgufMemory _memory;

    internal GgufTensor(GgufMemory memory, long offset, string name, GgufTensorType type, long[] dimensions)
    {
        (_memory, Offset, Name, Type, Dimensions) = (memory, offset, name, type, Array.AsReadOnly(dimensions));
        RowCount = 1;
        for (int i = 1; i < dimensions.Length; i++)
        {
            RowCount *= dimensions[i];
        }

        RowBytes = GgufTensorTypes.RowBytes(type, dimensions[0]);
    }

    /// <summary>Name, for example "blk.0.attn_q.weight".</summary>
    public string Name { get; }

    /// <summary>Format of the elements.</summary>
    public GgufTensorType Type { get; }

    /// <summary>One to four sizes, each at least 1; the first is the row width in elements.</summary>
    public IReadOnlyList<long> Dimensions { get; }

    /// <summary>Number of rows: the product of the dimensions but the first.</summary>
    public long RowCount { get; }

    /// <summary>Bytes of one row.</summary>
    public long RowBytes { get; }

    /// <summary>Bytes of all rows.</summary>
    public long ByteLength => RowCount * RowBytes;

    /// <summary>Where the first row starts, bytes from the start of the file.</summary>
    internal long Offset { get; }

    /// <summary>
    /// The first row; aligned as the file says (32 bytes unless it has general.alignment). Valid until the file is
    /// disposed: whoever keeps the pointer keeps the file.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    internal byte* Data => _memory.Pointer + Offset;

    /// <summary>"blk.0.attn_q.weight Q4_K [2048, 2048]".</summary>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Dimensions)}]";

    /// <summary>The bytes of one row; valid until the file is disposed.</summary>
    internal ReadOnlySpan<byte> GetRow(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, RowCount);
        return new ReadOnlySpan<byte>(Data + row * RowBytes, checked((int)RowBytes));
    }
}
