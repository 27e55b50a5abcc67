using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// Rows as they lie in memory with one row of activations; serves AVX-512 as well, whose wider vectors save no time
/// here. Row after row reads memory strictly forward; four blocks at a time share the scales' decoding and the adding
/// up.
/// </summary>
internal static unsafe class KQuantDot<TFormat>
    where TFormat : struct, IFourBlocks
{
    private const int Blocks = BlockSums.Blocks;
    private const int ScratchBytes = 128;
    private const int Alignment = 32;

    /// <param name="weights">The first row.</param>
    /// <param name="rows">Number of rows, which follow each other without gaps.</param>
    /// <param name="activations">The activation row.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="output">[rows].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Dot(byte* weights, int rows, Q8KBlock* activations, int blocks, float* output)
    {
        byte* unaligned = stackalloc byte[ScratchBytes + Alignment];
        byte* scratch = (byte*)(((nint)unaligned + Alignment - 1) & -Alignment);
        int rest = blocks % Blocks;
        Vector128<float> sums = default;
        FourProducts last = default;
        float* end = output + rows;
        Q8KBlock* whole = activations + (blocks - rest);
        while (output < end)
        {
            // What four blocks gave is added when the next four are under way: a core looks ahead some 300
            // instructions, which is four blocks, and would wait for the sums otherwise.
            for (Q8KBlock* factors = activations; factors < whole; factors += Blocks)
            {
                RowPrefetch.PrefetchAhead(weights, Blocks * TFormat.BlockBytes);
                FourProducts next = TFormat.Multiply(
                    new(weights, TFormat.BlockBytes), new(factors, Q8KBlock.Bytes), scratch);
                sums = BlockSums.Add(sums, last.ToSingle());
                last = next;
                weights += Blocks * TFormat.BlockBytes;
            }

            sums = BlockSums.Add(sums, last.ToSingle());
            last = default;
            if (rest > 0)
            {
                sums = AddRest(sums, weights, whole, rest, scratch);
                weights += rest * TFormat.BlockBytes;
            }

            *output++ = TFormat.Finish(sums.ToVector256Unsafe())[0];
            sums = default;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<float> AddRest(
        Vector128<float> sums, byte* weights, Q8KBlock* activations, int blocks, byte* scratch)
    {
        RowPrefetch.PrefetchAhead(weights, Blocks * TFormat.BlockBytes);
        FourProducts parts = TFormat.Multiply(
            new(weights, TFormat.BlockBytes, blocks), new(activations, Q8KBlock.Bytes, blocks), scratch);
        return BlockSums.Add(sums, parts.ToSingle(), blocks);
    }
}
