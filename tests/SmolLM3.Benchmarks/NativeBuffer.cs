using System.Runtime.InteropServices;

namespace SmolLM3.Benchmarks;

/// <summary>Aligned memory.</summary>
internal sealed unsafe class NativeBuffer(long length) : IDisposable
{
    public byte* Pointer { get; private set; } = (byte*)NativeMemory.AlignedAlloc((nuint)length, 64);

    public long Length => length;

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
