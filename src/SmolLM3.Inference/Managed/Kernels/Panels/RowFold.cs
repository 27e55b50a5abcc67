using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>The end of a block for the x86 kernels that read four rows: adds up exact integers.</summary>
internal static class RowFold
{
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
}
