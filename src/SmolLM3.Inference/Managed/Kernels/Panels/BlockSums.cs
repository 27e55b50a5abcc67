using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>
/// The float additions of a row: what four neighbouring blocks gave is added in the order of the blocks. Their parts
/// stand where <see cref="BlockFold"/> leaves them: blocks 0 and 2 in the lower 128 bits, 1 and 3 in the upper.
/// </summary>
internal static class BlockSums
{
    /// <summary>Blocks that are folded together.</summary>
    public const int Blocks = 4;

    /// <summary>Adds parts of two lanes each: two sums.</summary>
    /// <param name="sums">In the lanes 0 and 1; the others mean nothing.</param>
    /// <param name="parts">Of four blocks.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> sums, Vector256<float> parts)
    {
        Vector128<float> even = parts.GetLower(), odd = parts.GetUpper();
        sums += even;
        sums += odd;
        sums += Upper(even);
        return sums + Upper(odd);
    }

    /// <summary>The same with the first one to three blocks only.</summary>
    public static Vector128<float> Add(Vector128<float> sums, Vector256<float> parts, int blocks)
    {
        Vector128<float> even = parts.GetLower();
        sums += even;
        sums = blocks > 1 ? sums + parts.GetUpper() : sums;
        return blocks > 2 ? sums + Upper(even) : sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Upper(Vector128<float> parts) =>
        Vector128.Shuffle(parts, Vector128.Create(2, 3, 2, 3));
}
