using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>
/// The end of four blocks of a row: adds up exact integers, and brings together what belongs to each. All results stand
/// in the order of blocks 0 0 2 2 1 1 3 3.
/// </summary>
internal static unsafe class BlockFold
{
    /// <summary>Sum of products and sum of minimums of each block, from 8 parts of products and 4 of minimums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Fold(
        Vector256<int> products0,
        Vector256<int> products1,
        Vector256<int> products2,
        Vector256<int> products3,
        Vector256<int> minimums01,
        Vector256<int> minimums23)
    {
        Vector256<int> products01 = Halve(products0, products1), products23 = Halve(products2, products3);
        Vector256<long> first = Add(products01, minimums01).AsInt64(), last = Add(products23, minimums23).AsInt64();
        return Avx2.UnpackLow(first, last).AsInt32() + Avx2.UnpackHigh(first, last).AsInt32();
    }

    /// <summary>Sum of products of each block in the even lanes, from 8 parts; the odd lanes mean nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Fold(
        Vector256<int> products0, Vector256<int> products1, Vector256<int> products2, Vector256<int> products3)
    {
        Vector256<int> products01 = Halve(products0, products1), products23 = Halve(products2, products3);
        Vector256<int> pairs = Avx2.UnpackLow(products01.AsInt64(), products23.AsInt64()).AsInt32()
            + Avx2.UnpackHigh(products01.AsInt64(), products23.AsInt64()).AsInt32();
        return pairs + Avx2.Shuffle(pairs, 0b_11_11_01_01);
    }

    /// <summary>One number of each block, in this order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Spread(float block0, float block1, float block2, float block3) =>
        Avx2.PermuteVar8x32(
            Vector128.Create(block0, block1, block2, block3).ToVector256Unsafe(),
            Vector256.Create(0, 0, 2, 2, 1, 1, 3, 3));

    // 8 parts of two blocks become 4 each: block 0 in the lower 128 bits, block 1 in the upper.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Halve(Vector256<int> first, Vector256<int> second) =>
        Avx2.Permute2x128(first, second, 0x20) + Avx2.Permute2x128(first, second, 0x31);

    // Two parts of products and minimums, p m p m, for each of two blocks.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Vector256<int> products, Vector256<int> minimums) =>
        Avx2.UnpackLow(products, minimums) + Avx2.UnpackHigh(products, minimums);
}
