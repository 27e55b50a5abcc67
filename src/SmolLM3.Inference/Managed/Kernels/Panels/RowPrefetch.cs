using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>
/// Four rows read side by side confuse the hardware prefetchers, so the x86 kernels ask for the next four in the order
/// they lie in memory.
/// </summary>
internal static unsafe class RowPrefetch
{
    /// <summary>Asks for the next <paramref name="bytes"/> bytes, which a constant must give.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(ref byte* next, int bytes)
    {
        for (int i = 0; i < bytes; i += 64)
        {
            Sse.Prefetch0(next + i);
        }

        next += bytes;
    }
}
