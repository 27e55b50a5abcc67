using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// One growing piece of aligned memory for each thread, for decoded weights. Never shared, never zeroed.
/// </summary>
internal sealed unsafe class KernelScratch
{
    [ThreadStatic]
    private static KernelScratch? t_scratch;

    private byte* _memory;
    private nuint _length;

    private KernelScratch()
    {
    }

    ~KernelScratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>At least <paramref name="bytes"/> bytes aligned to 64, valid until this thread's next call.</summary>
    public static byte* Get(long bytes)
    {
        KernelScratch scratch = t_scratch ??= new KernelScratch();
        if (scratch._length < (nuint)bytes)
        {
            NativeMemory.AlignedFree(scratch._memory);
            scratch._memory = null;
            scratch._length = 0;
            scratch._memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
            scratch._length = (nuint)bytes;
        }

        return scratch._memory;
    }
}
