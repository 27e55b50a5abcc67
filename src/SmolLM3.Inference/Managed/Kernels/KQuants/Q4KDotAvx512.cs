using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// Four Q4_K rows as they lie in memory with one row of activations. Four at once, because they share the loading of
/// activations and, more, the adding up at the end of a block.
/// </summary>
internal static unsafe class Q4KDotAvx512
{
    /// <param name="row0">First row; with fewer than four, pass one of them again.</param>
    /// <param name="row1">Second row.</param>
    /// <param name="row2">Third row.</param>
    /// <param name="row3">Fourth row.</param>
    /// <param name="activations">The activation row.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <returns>Sum and minimum of the four rows in turn.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<float> Dot(
        Q4KBlock* row0, Q4KBlock* row1, Q4KBlock* row2, Q4KBlock* row3, Q8KBlock* activations, int blocks)
    {
        var sums = Vector256<float>.Zero;
        var next = (byte*)(row0 + 4 * blocks);
        for (Q8KBlock* end = activations + blocks; activations < end; activations++, row0++, row1++, row2++, row3++)
        {
            // 64 bytes of quants hold the sub-blocks 0 and 2 in their low halves, 1 and 3 in their high ones.
            RowPrefetch.Prefetch(ref next, 4 * Q4KBlock.Bytes);
            sbyte* quants = activations->Quants;
            Vector512<sbyte> a0 = Two(quants);
            Vector512<sbyte> a1 = Two(quants + 32);
            Vector512<sbyte> a2 = Two(quants + 128);
            Vector512<sbyte> a3 = Two(quants + 160);
            Vector128<short> bySum = Vector128.Load(activations->Sums32);
            Vector256<int> p0 = Products(row0, a0, a1, a2, a3, bySum, out Vector128<int> m0);
            Vector256<int> p1 = Products(row1, a0, a1, a2, a3, bySum, out Vector128<int> m1);
            Vector256<int> p2 = Products(row2, a0, a1, a2, a3, bySum, out Vector128<int> m2);
            Vector256<int> p3 = Products(row3, a0, a1, a2, a3, bySum, out Vector128<int> m3);
            Vector256<float> scales = HalfBits.ToSingle(Avx2.ConvertToVector256Int32(
                Vector128.Create(*(uint*)row0, *(uint*)row1, *(uint*)row2, *(uint*)row3).AsUInt16()).AsUInt32());
            sums += Vector256.ConvertToSingle(RowFold.Fold(p0, p1, p2, p3, m0, m1, m2, m3))
                * (scales * Vector256.Create(activations->Scale));
        }

        return sums;
    }

    /// <summary>A block's products with their scales in 8 parts, and its minimums in 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(
        Q4KBlock* block,
        Vector512<sbyte> a0,
        Vector512<sbyte> a1,
        Vector512<sbyte> a2,
        Vector512<sbyte> a3,
        Vector128<short> sums,
        out Vector128<int> minimums)
    {
        Vector512<byte> nibble = Vector512.Create((byte)15);
        var packed = new Q4KScales(block->Scales);
        Vector512<byte> scales = Vector512.Create(packed.Scales).AsByte();
        Vector512<byte> first = Vector512.Load(block->Quants);
        Vector512<byte> second = Vector512.Load(block->Quants + 64);
        Vector512<int> products =
            (Scaled(first & nibble, a0, scales, 0, 2)
                + Scaled((first.AsUInt16() >> 4).AsByte() & nibble, a1, scales, 1, 3))
            + (Scaled(second & nibble, a2, scales, 4, 6)
                + Scaled((second.AsUInt16() >> 4).AsByte() & nibble, a3, scales, 5, 7));
        minimums = Sse2.MultiplyAddAdjacent(
            Sse41.ConvertToVector128Int16(Vector128.CreateScalarUnsafe(packed.Minimums).AsByte()), sums);
        return products.GetLower() + products.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<sbyte> Two(sbyte* activations) =>
        Vector256.Load(activations).ToVector512Unsafe().WithUpper(Vector256.Load(activations + 64));

    /// <summary>Two sub-blocks, each in one half of the vectors, times their scales.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Scaled(
        Vector512<byte> weights, Vector512<sbyte> activations, Vector512<byte> scales, byte lower, byte upper)
    {
        // Picks two of the 8 bytes, widened to 16 bits, each for half the lanes.
        Vector512<byte> pick = Vector512.Create(
            Vector256.Create((ushort)(0x8000 | lower)), Vector256.Create((ushort)(0x8000 | upper))).AsByte();
        return Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(weights, activations), Avx512BW.Shuffle(scales, pick).AsInt16());
    }
}
