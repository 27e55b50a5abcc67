using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Tests.Managed.Kernels;

/// <summary>Zeroed native memory, aligned to 64 bytes, with room for a deliberate misalignment.</summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    private byte* _memory;

    public AlignedMemory(long length, int misalignment = 0)
    {
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)length + 64, 64);
        NativeMemory.Clear(_memory, (nuint)length + 64);
        Pointer = _memory + misalignment;
        Length = length;
    }

    public byte* Pointer { get; }

    public long Length { get; }

    public Span<byte> Bytes => new(Pointer, checked((int)Length));

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
