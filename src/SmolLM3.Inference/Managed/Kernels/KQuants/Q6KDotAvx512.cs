using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Four Q6_K rows as they lie in memory with one row of activations, as <see cref="Q4KDotAvx512"/>.</summary>
internal static unsafe class Q6KDotAvx512
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
        Vector512<short> wide = scales.ToVector512Unsafe();
        Vector512<int> products = Half(block->Low, block->High, activations->Quants, wide, 0)
            + Half(block->Low + 64, block->High + 32, activations->Quants + 128, wide, 8);
        // Quants were taken as 0..63; they mean -32..31.
        Vector256<int> offset = Avx2.MultiplyAddAdjacent(scales, Vector256.Load(activations->Sums16)) << 5;
        return products.GetLower() + products.GetUpper() - offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Half(
        byte* low, byte* high, sbyte* activations, Vector512<short> scales, short firstScale)
    {
        Vector512<byte> nibble = Vector512.Create((byte)15);
        Vector512<byte> upper = Vector512.Create((byte)0x30);
        Vector512<byte> pairs = Vector512.Load(low);
        // Bits 0-1 and 4-5 of these are the upper bits of the weights 0..63 and 64..127; what the shift brings over
        // from the neighbouring byte is masked away.
        Vector256<byte> bits = Vector256.Load(high);
        Vector512<ushort> both = bits.ToVector512Unsafe().WithUpper((bits.AsUInt16() >> 2).AsByte()).AsUInt16();
        Vector512<byte> first = (pairs & nibble) | ((both << 4).AsByte() & upper);
        Vector512<byte> second = ((pairs.AsUInt16() >> 4).AsByte() & nibble) | (both.AsByte() & upper);
        return Scaled(first, activations, scales, firstScale)
            + Scaled(second, activations + 64, scales, (short)(firstScale + 4));
    }

    /// <summary>64 weights; each group of 16 makes 8 pairs, which are 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Scaled(
        Vector512<byte> weights, sbyte* activations, Vector512<short> scales, short firstScale)
    {
        Vector512<short> groups = Vector512.Create(
            Vector256.Create(Vector128.Create((short)0), Vector128.Create((short)1)),
            Vector256.Create(Vector128.Create((short)2), Vector128.Create((short)3)));
        return Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(weights, Vector512.Load(activations)),
            Avx512BW.PermuteVar32x16(scales, groups + Vector512.Create(firstScale)));
    }
}
