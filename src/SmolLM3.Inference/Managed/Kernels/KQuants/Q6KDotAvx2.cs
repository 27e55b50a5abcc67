using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Four Q6_K rows as they lie in memory with one row of activations.</summary>
internal static unsafe class Q6KDotAvx2
{
    /// <param name="row0">First row; with fewer than four, pass one of them again.</param>
    /// <param name="row1">Second row.</param>
    /// <param name="row2">Third row.</param>
    /// <param name="row3">Fourth row.</param>
    /// <param name="activations">The activation row.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <returns>The four sums in the lanes 0, 1, 4 and 5.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<float> Dot(
        Q6KBlock* row0, Q6KBlock* row1, Q6KBlock* row2, Q6KBlock* row3, Q8KBlock* activations, int blocks)
    {
        var sums = Vector256<float>.Zero;
        var next = (byte*)(row0 + 4 * blocks);
        for (Q8KBlock* end = activations + blocks; activations < end; activations++, row0++, row1++, row2++, row3++)
        {
            RowPrefetch.Prefetch(ref next, 4 * Q6KBlock.Bytes);
            Vector256<int> products = RowFold.Fold(
                Products(row0, activations),
                Products(row1, activations),
                Products(row2, activations),
                Products(row3, activations));
            Vector256<float> scales = HalfBits.ToSingle(Avx2.ConvertToVector256Int32(
                Vector128.Create(row0->Scale, row1->Scale, 0, 0, row2->Scale, row3->Scale, 0, 0)).AsUInt32());
            sums += Vector256.ConvertToSingle(products) * (scales * Vector256.Create(activations->Scale));
        }

        return sums;
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
