using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>The end of a block for the x86 kernels that read four rows: adds up exact integers.</summary>
internal static class RowFold
{
    /// <summary>
    /// Sum of products and sum of minimums for each row in turn: p0 m0 p1 m1 p2 m2 p3 m3, from 8 parts of products and
    /// 4 of minimums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Fold(
        Vector256<int> products0,
        Vector256<int> products1,
        Vector256<int> products2,
        Vector256<int> products3,
        Vector128<int> minimums0,
        Vector128<int> minimums1,
        Vector128<int> minimums2,
        Vector128<int> minimums3)
    {
        Vector256<long> even = Halve(products0, products2, minimums0, minimums2);
        Vector256<long> odd = Halve(products1, products3, minimums1, minimums3);
        return Avx2.UnpackLow(even, odd).AsInt32() + Avx2.UnpackHigh(even, odd).AsInt32();
    }

    /// <summary>Sums of four rows in the lanes 0, 1, 4 and 5, from 8 parts each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Fold(
        Vector256<int> products0, Vector256<int> products1, Vector256<int> products2, Vector256<int> products3)
    {
        Vector256<int> pairs = Pairs(products0, products1, products2, products3);
        return pairs + Avx2.Shuffle(pairs, 0b_01_00_11_10);
    }

    /// <summary>Two parts of four sums: the rows 0, 1, 0, 1 in the lower 128 bits, 2, 3, 2, 3 in the upper.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Pairs(
        Vector256<int> products0, Vector256<int> products1, Vector256<int> products2, Vector256<int> products3)
    {
        Vector256<int> even = Halve(products0, products2);
        Vector256<int> odd = Halve(products1, products3);
        return Avx2.UnpackLow(even, odd) + Avx2.UnpackHigh(even, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Halve(Vector256<int> first, Vector256<int> second) =>
        Avx2.Permute2x128(first, second, 0x20) + Avx2.Permute2x128(first, second, 0x31);

    /// <summary>Two parts of products and minimums, p m p m, for each of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Halve(
        Vector256<int> products0, Vector256<int> products1, Vector128<int> minimums0, Vector128<int> minimums1)
    {
        Vector256<int> products = Halve(products0, products1);
        Vector256<int> minimums = minimums0.ToVector256Unsafe().WithUpper(minimums1);
        return (Avx2.UnpackLow(products, minimums) + Avx2.UnpackHigh(products, minimums)).AsInt64();
    }
}
