using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Managed;

/// <summary>
/// Native memory aligned to a cache line, not cleared: the system gives its pages when they are first touched, so what
/// is reserved and never used costs nothing.
/// </summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    private const int Alignment = 64;

    private byte* _pointer;

    /// <summary>Reserves memory.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="purpose">What for, named when there is not enough.</param>
    /// <exception cref="InsufficientMemoryException">The system does not give that much.</exception>
    public AlignedMemory(long bytes, string purpose)
    {
        Bytes = bytes;
        try
        {
            _pointer = (byte*)NativeMemory.AlignedAlloc(checked((nuint)Math.Max(bytes, Alignment)), Alignment);
        }
        catch (OutOfMemoryException cause)
        {
            throw new InsufficientMemoryException($"The system does not give {bytes:N0} bytes for {purpose}.", cause);
        }
    }

    ~AlignedMemory() => Free();

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>Its first byte.</summary>
    public byte* Pointer => _pointer;

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pointer is not null)
        {
            NativeMemory.AlignedFree(_pointer);
            _pointer = null;
        }
    }
}
