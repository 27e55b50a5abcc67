using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// Q4_K rows as they lie in memory with one row of activations; serves AVX-512 as well, whose wider vectors save no
/// time here. Row after row reads memory strictly forward; four blocks at a time share the scales' decoding and the
/// adding up.
/// </summary>
internal static unsafe class Q4KDotAvx2
{
    /// <param name="weights">The first row.</param>
    /// <param name="rowBytes">Bytes from row to row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="activations">The activation row.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="output">[rows].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(
        byte* weights, long rowBytes, int rows, Q8KBlock* activations, int blocks, float* output)
    {
        for (float* end = output + rows; output < end; output++, weights += rowBytes)
        {
            Vector128<float> sums = default;
            for (int block = 0; block < blocks; block += BlockSums.Blocks)
            {
                RowPrefetch.PrefetchAhead(weights + (block * Q4KBlock.Bytes), BlockSums.Blocks * Q4KBlock.Bytes);
                sums = BlockSums.Add(sums, Parts((Q4KBlock*)weights, activations, block, blocks - 1), blocks - block);
            }

            *output = sums[0] - sums[1];
        }
    }

    /// <summary>Products and minimums of four blocks; after the last block it is taken again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Parts(Q4KBlock* row, Q8KBlock* activations, int block, int last)
    {
        Q4KBlock* b0 = row + block;
        Q4KBlock* b1 = row + Math.Min(block + 1, last);
        Q4KBlock* b2 = row + Math.Min(block + 2, last);
        Q4KBlock* b3 = row + Math.Min(block + 3, last);
        Q8KBlock* a0 = activations + block;
        Q8KBlock* a1 = activations + Math.Min(block + 1, last);
        Q8KBlock* a2 = activations + Math.Min(block + 2, last);
        Q8KBlock* a3 = activations + Math.Min(block + 3, last);
        var scales = new Q4KFourScales(b0, b1, b2, b3);
        Vector256<int> integers = BlockFold.Fold(
            Products(b0->Quants, a0->Quants, Lower(scales.Scales01)),
            Products(b1->Quants, a1->Quants, Upper(scales.Scales01)),
            Products(b2->Quants, a2->Quants, Lower(scales.Scales23)),
            Products(b3->Quants, a3->Quants, Upper(scales.Scales23)),
            Minimums(scales.Minimums01, a0, a1),
            Minimums(scales.Minimums23, a2, a3));
        Vector256<float> factors = HalfBits.ToSingle(Avx2.ConvertToVector256Int32(scales.Halves).AsUInt32())
            * BlockFold.Spread(a0->Scale, a1->Scale, a2->Scale, a3->Scale);
        return Vector256.ConvertToSingle(integers) * factors;
    }

    /// <summary>Two blocks' minimums times the sums of activations, 4 parts each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Minimums(Vector128<byte> minimums, Q8KBlock* first, Q8KBlock* second) =>
        Avx2.MultiplyAddAdjacent(
            Avx2.ConvertToVector256Int16(minimums),
            Vector128.Load(first->Sums32).ToVector256Unsafe().WithUpper(Vector128.Load(second->Sums32)));

    /// <summary>A block's products with their scales in 8 parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(byte* quants, sbyte* activations, Vector256<byte> scales) =>
        (Chunk(quants, activations, scales, 0) + Chunk(quants + 32, activations + 64, scales, 2))
            + (Chunk(quants + 64, activations + 128, scales, 4) + Chunk(quants + 96, activations + 192, scales, 6));

    /// <summary>Two sub-blocks: the low halves of 32 bytes, then the high ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Chunk(byte* quants, sbyte* activations, Vector256<byte> scales, byte subBlock)
    {
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<byte> pairs = Vector256.Load(quants);
        return Scaled(pairs & nibble, activations, scales, subBlock)
            + Scaled((pairs.AsUInt16() >> 4).AsByte() & nibble, activations + 32, scales, (byte)(subBlock + 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Scaled(
        Vector256<byte> weights, sbyte* activations, Vector256<byte> scales, byte subBlock)
    {
        // Picks one of the 8 bytes, widened to 16 bits, for all lanes.
        Vector256<byte> pick = Vector256.Create((ushort)(0x8000 | subBlock)).AsByte();
        return Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(weights, Vector256.Load(activations)), Avx2.Shuffle(scales, pick).AsInt16());
    }

    /// <summary>The first 8 bytes, four times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lower(Vector128<byte> scales) =>
        Avx2.BroadcastScalarToVector256(scales.AsUInt64()).AsByte();

    /// <summary>The last 8 bytes, four times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Upper(Vector128<byte> scales) =>
        Avx2.Permute4x64(scales.ToVector256Unsafe().AsUInt64(), 0b_01_01_01_01).AsByte();
}
