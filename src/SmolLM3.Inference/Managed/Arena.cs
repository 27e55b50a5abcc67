namespace SmolLM3.Inference.Managed;

/// <summary>Pieces of native memory that live and end together.</summary>
internal sealed unsafe class Arena(string purpose) : IDisposable
{
    private readonly List<AlignedMemory> _pieces = [];

    /// <summary>Bytes reserved.</summary>
    public long Bytes => _pieces.Sum(piece => piece.Bytes);

    /// <summary>Reserves bytes, aligned to 64 and not cleared.</summary>
    /// <exception cref="InsufficientMemoryException">The system does not give that much.</exception>
    public byte* Take(long bytes)
    {
        AlignedMemory piece = new(bytes, purpose);
        _pieces.Add(piece);
        return piece.Pointer;
    }

    /// <summary>Reserves floats.</summary>
    /// <exception cref="InsufficientMemoryException">The system does not give that much.</exception>
    public float* TakeFloats(long count) => (float*)Take(checked(count * sizeof(float)));

    /// <inheritdoc/>
    public void Dispose() => _pieces.ForEach(piece => piece.Dispose());
}
