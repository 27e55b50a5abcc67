using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>Four Q8_0 rows as they lie in memory with one row of activations; serves AVX-512 as well.</summary>
internal static unsafe class Q80DotAvx2
{
    public const int Rows = 4;

    /// <param name="row0">First row; with fewer than four, pass one of them again.</param>
    /// <param name="row1">Second row.</param>
    /// <param name="row2">Third row.</param>
    /// <param name="row3">Fourth row.</param>
    /// <param name="activations">The activation row.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <returns>The four sums in the lanes 0, 1, 4 and 5.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<float> Dot(
        Q80Block* row0, Q80Block* row1, Q80Block* row2, Q80Block* row3, Q80Row activations, int blocks)
    {
        short* quants = activations.Quants;
        float* scales = activations.Scales;
        var sums = Vector256<float>.Zero;
        var next = (byte*)(row0 + 4 * blocks);
        for (int block = 0; block < blocks; block += 2)
        {
            // Two blocks at once, because they fill the vectors of scales; a last single one is taken twice, added
            // once.
            int second = Math.Min(block + 1, blocks - 1);
            RowPrefetch.Prefetch(next, 8 * Q80Block.Bytes);
            next += 8 * Q80Block.Bytes;
            Vector256<long> first = Pairs(row0, row1, row2, row3, quants, block).AsInt64();
            Vector256<long> other = Pairs(row0, row1, row2, row3, quants, second).AsInt64();
            Vector256<int> products = Avx2.UnpackLow(first, other).AsInt32() + Avx2.UnpackHigh(first, other).AsInt32();
            Vector256<float> weightScales = HalfBits.ToSingle(Avx2.ConvertToVector256Int32(Vector128.Create(
                row0[block].Scale,
                row1[block].Scale,
                row0[second].Scale,
                row1[second].Scale,
                row2[block].Scale,
                row3[block].Scale,
                row2[second].Scale,
                row3[second].Scale)).AsUInt32());
            var activationScales = Vector128.Create(scales[block], scales[block], scales[second], scales[second]);
            Vector256<float> scaled = Vector256.ConvertToSingle(products)
                * (weightScales * activationScales.ToVector256Unsafe().WithUpper(activationScales));
            sums += scaled;
            if (second > block)
            {
                sums += Avx.Permute(scaled, 0b_01_00_11_10);
            }
        }

        return sums;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Pairs(
        Q80Block* row0, Q80Block* row1, Q80Block* row2, Q80Block* row3, short* quants, int block)
    {
        var lower = Vector256.Load(quants + block * Q80Block.Length);
        var upper = Vector256.Load(quants + block * Q80Block.Length + 16);
        return RowFold.Pairs(
            Products(row0 + block, lower, upper),
            Products(row1 + block, lower, upper),
            Products(row2 + block, lower, upper),
            Products(row3 + block, lower, upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(Q80Block* block, Vector256<short> lower, Vector256<short> upper) =>
        Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(block->Quants), lower)
            + Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(block->Quants + 16), upper);
}
