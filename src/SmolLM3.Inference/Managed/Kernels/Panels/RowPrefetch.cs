using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>
/// Asks for weights, or keys and values, some way ahead of those that are multiplied. The hardware prefetchers stop at
/// every page; without this the x86 kernels read memory at two thirds of its speed. They are read once a step, so the
/// caches need not keep them.
/// </summary>
internal static unsafe class RowPrefetch
{
    // A core that reads 16 GB/s at a latency of 100 ns has 1,600 bytes under way. Measured: 1,024 and 4,096 are slower.
    private const int Ahead = 2048;

    /// <summary>Where rows are read one after the other: asks for as many bytes as are worked on now, a constant of at
    /// most 1,024.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchAhead(byte* current, int bytes)
    {
        if (Sse.IsSupported)
        {
            Prefetch(current + Ahead, bytes);
        }
    }

    /// <summary>Where several rows are read side by side: asks for the next bytes of those that follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* start, int bytes)
    {
        PrefetchFour(start, bytes);
        PrefetchFour(start + 256, bytes - 256);
        PrefetchFour(start + 512, bytes - 512);
        PrefetchFour(start + 768, bytes - 768);
    }

    /// <summary>Where sixteen rows are read side by side: asks for bytes of those that follow, for the second-level
    /// cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchRows(byte* start, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < bytes; i += 64)
            {
                Sse.Prefetch1(start + i);
            }
        }
    }

    // Conditions on a constant cost nothing; the compiler would keep a loop.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchFour(byte* start, int bytes)
    {
        if (bytes > 0)
        {
            Sse.PrefetchNonTemporal(start);
        }

        if (bytes > 64)
        {
            Sse.PrefetchNonTemporal(start + 64);
        }

        if (bytes > 128)
        {
            Sse.PrefetchNonTemporal(start + 128);
        }

        if (bytes > 192)
        {
            Sse.PrefetchNonTemporal(start + 192);
        }
    }
}
