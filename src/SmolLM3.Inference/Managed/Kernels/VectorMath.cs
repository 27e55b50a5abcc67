using System.Runtime.CompilerServices;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>Functions of vectors whose every lane depends on that lane alone.</summary>
internal static class VectorMath<TLanes>
    where TLanes : struct, IVectorLanes<TLanes>
{
    // Where e^x leaves the range of normal floats: ln 2 times -126, and a little below ln 2 times 127.5, which
    // would round to the exponent of infinity.
    private const float Lowest = -87.3365f;
    private const float Highest = 88.02f;

    // 1.5 * 2^23: adding and taking it away rounds to the nearest whole number.
    private const float Rounder = 12582912f;

    /// <summary>e^x within two units in the last place; 0 below -87.3, no more than 1.7e38 above; NaN of NaN.</summary>
    /// <remarks>x = n ln 2 + r with |r| at most ln 2 / 2, e^x = 2^n e^r; e^r by its Taylor series to the seventh power,
    /// whose rest is below 1e-8 there. ln 2 is split in two so that n times its first part is exact.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp(TLanes x)
    {
        // In this order: of NaN and a number, native minima and maxima may take the second.
        TLanes held = TLanes.Min(TLanes.Create(Highest), TLanes.Max(TLanes.Create(Lowest), x));
        TLanes rounder = TLanes.Create(Rounder);
        TLanes n = TLanes.MultiplyAdd(held, TLanes.Create(1.44269504f), rounder) - rounder;
        TLanes r = TLanes.MultiplyAdd(n, TLanes.Create(-0.693359375f), held);
        r = TLanes.MultiplyAdd(n, TLanes.Create(2.12194440e-4f), r);

        TLanes sum = TLanes.Create(1f / 5040);
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Create(1f / 720));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Create(1f / 120));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Create(1f / 24));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Create(1f / 6));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Create(0.5f));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Create(1f));
        sum = TLanes.MultiplyAdd(sum, r, TLanes.Create(1f));
        return TLanes.ZeroBelow(sum * TLanes.PowerOfTwo(n), x, TLanes.Create(Lowest));
    }
}
