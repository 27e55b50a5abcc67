using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q6_K rows as they lie in memory with one row of activations, as <see cref="Q4KDotAvx2"/>.</summary>
internal static unsafe class Q6KDotAvx2
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
                RowPrefetch.PrefetchAhead(weights + (block * Q6KBlock.Bytes), BlockSums.Blocks * Q6KBlock.Bytes);
                sums = BlockSums.Add(sums, Parts((Q6KBlock*)weights, activations, block, blocks - 1), blocks - block);
            }

            *output = sums[0];
        }
    }

    /// <summary>Products of four blocks; after the last block it is taken again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Parts(Q6KBlock* row, Q8KBlock* activations, int block, int last)
    {
        Q6KBlock* b0 = row + block;
        Q6KBlock* b1 = row + Math.Min(block + 1, last);
        Q6KBlock* b2 = row + Math.Min(block + 2, last);
        Q6KBlock* b3 = row + Math.Min(block + 3, last);
        Q8KBlock* a0 = activations + block;
        Q8KBlock* a1 = activations + Math.Min(block + 1, last);
        Q8KBlock* a2 = activations + Math.Min(block + 2, last);
        Q8KBlock* a3 = activations + Math.Min(block + 3, last);
        Vector256<int> integers = BlockFold.Fold(
            Products(b0, a0), Products(b1, a1), Products(b2, a2), Products(b3, a3));
        Vector256<float> factors = HalfBits.ToSingle(Avx2.ConvertToVector256Int32(
                Vector128.Create(b0->Scale, 0, b2->Scale, 0, b1->Scale, 0, b3->Scale, 0)).AsUInt32())
            * BlockFold.Spread(a0->Scale, a1->Scale, a2->Scale, a3->Scale);
        return Vector256.ConvertToSingle(integers) * factors;
    }

    /// <summary>A block's products with their scales in 8 parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(Q6KBlock* block, Q8KBlock* activations)
    {
        Vector256<short> scales = Avx2.ConvertToVector256Int16(Vector128.Load(block->Scales));
        // The halves of a vector of scales serve the halves of the block.
        Vector256<byte> first = Avx2.Permute2x128(scales, scales, 0x00).AsByte();
        Vector256<byte> second = Avx2.Permute2x128(scales, scales, 0x11).AsByte();
        Vector256<int> products = Half(block->Low, block->High, activations->Quants, first)
            + Half(block->Low + 64, block->High + 32, activations->Quants + 128, second);
        // Quants were taken as 0..63; they mean -32..31.
        return products - (Avx2.MultiplyAddAdjacent(scales, Vector256.Load(activations->Sums16)) << 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Half(byte* low, byte* high, sbyte* activations, Vector256<byte> scales)
    {
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<byte> upper = Vector256.Create((byte)0x30);
        Vector256<byte> pairs0 = Vector256.Load(low);
        Vector256<byte> pairs1 = Vector256.Load(low + 32);
        // What a shift brings over from the neighbouring byte is masked away.
        Vector256<ushort> bits = Vector256.Load(high).AsUInt16();
        Vector256<byte> q0 = (pairs0 & nibble) | ((bits << 4).AsByte() & upper);
        Vector256<byte> q1 = (pairs1 & nibble) | ((bits << 2).AsByte() & upper);
        Vector256<byte> q2 = ((pairs0.AsUInt16() >> 4).AsByte() & nibble) | (bits.AsByte() & upper);
        Vector256<byte> q3 = ((pairs1.AsUInt16() >> 4).AsByte() & nibble) | ((bits >> 2).AsByte() & upper);
        return (Scaled(q0, activations, scales, 0) + Scaled(q1, activations + 32, scales, 2))
            + (Scaled(q2, activations + 64, scales, 4) + Scaled(q3, activations + 96, scales, 6));
    }

    /// <summary>32 weights; each group of 16 makes 8 pairs, which are 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Scaled(
        Vector256<byte> weights, sbyte* activations, Vector256<byte> scales, byte group)
    {
        Vector256<byte> pick = Vector256.Create(
            Vector128.Create((ushort)((2 * group + 1) << 8 | (2 * group))),
            Vector128.Create((ushort)((2 * group + 3) << 8 | (2 * group + 2)))).AsByte();
        return Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(weights, Vector256.Load(activations)), Avx2.Shuffle(scales, pick).AsInt16());
    }
}
