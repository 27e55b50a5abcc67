using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>A few blocks of <see cref="Q80PanelAvx512"/> for 32 rows with up to four tokens.</summary>
internal static unsafe class Q80TileAvx512
{
    /// <summary>For a token: two vectors of sums.</summary>
    public const int SumsPerToken = 2 * 16;

    public static void Multiply(
        int tokens, byte* panel, int blocks, short* quants, float* scales, long stride, float* sums)
    {
        switch (tokens)
        {
            case 1:
                Multiply<OneToken>(panel, blocks, quants, scales, stride, sums);
                break;
            case 2:
                Multiply<TwoTokens>(panel, blocks, quants, scales, stride, sums);
                break;
            case 3:
                Multiply<ThreeTokens>(panel, blocks, quants, scales, stride, sums);
                break;
            default:
                Multiply<FourTokens>(panel, blocks, quants, scales, stride, sums);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TCount>(
        byte* panel, int blocks, short* quants, float* scales, long stride, float* sums)
        where TCount : struct, ITokenCount
    {
        var a0 = (byte*)quants;
        byte* a1 = TCount.Value > 1 ? a0 + stride : a0;
        byte* a2 = TCount.Value > 2 ? a1 + stride : a0;
        byte* a3 = TCount.Value > 3 ? a2 + stride : a0;
        for (int block = 0; block < blocks; block++, panel += 2 * Q80PanelAvx512.Bytes, scales++)
        {
            Vector512<int> x0 = default, x1 = default, x2 = default, x3 = default;
            Vector512<int> y0 = default, y1 = default, y2 = default, y3 = default;
            byte* weights = panel;
            for (int i = 0; i < Q80Block.Length * sizeof(short); i += 4, weights += 64)
            {
                Vector512<short> x = Vector512.LoadAligned((short*)weights);
                Vector512<short> y = Vector512.LoadAligned((short*)(weights + Q80PanelAvx512.Bytes));
                Vector512<short> a = Two(a0 + i);
                x0 += Avx512BW.MultiplyAddAdjacent(x, a);
                y0 += Avx512BW.MultiplyAddAdjacent(y, a);
                if (TCount.Value > 1)
                {
                    a = Two(a1 + i);
                    x1 += Avx512BW.MultiplyAddAdjacent(x, a);
                    y1 += Avx512BW.MultiplyAddAdjacent(y, a);
                }

                if (TCount.Value > 2)
                {
                    a = Two(a2 + i);
                    x2 += Avx512BW.MultiplyAddAdjacent(x, a);
                    y2 += Avx512BW.MultiplyAddAdjacent(y, a);
                }

                if (TCount.Value > 3)
                {
                    a = Two(a3 + i);
                    x3 += Avx512BW.MultiplyAddAdjacent(x, a);
                    y3 += Avx512BW.MultiplyAddAdjacent(y, a);
                }
            }

            Add(panel, Scale(scales, 0, stride), x0, y0, sums);
            if (TCount.Value > 1)
            {
                Add(panel, Scale(scales, 1, stride), x1, y1, sums + SumsPerToken);
            }

            if (TCount.Value > 2)
            {
                Add(panel, Scale(scales, 2, stride), x2, y2, sums + 2 * SumsPerToken);
            }

            if (TCount.Value > 3)
            {
                Add(panel, Scale(scales, 3, stride), x3, y3, sums + 3 * SumsPerToken);
            }

            a0 += Q80Block.Length * sizeof(short);
            a1 += Q80Block.Length * sizeof(short);
            a2 += Q80Block.Length * sizeof(short);
            a3 += Q80Block.Length * sizeof(short);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Two(byte* activations) => Vector512.Create(*(int*)activations).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Scale(float* scales, int token, long stride) =>
        Vector512.Create(*(float*)((byte*)scales + token * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(byte* panel, Vector512<float> scale, Vector512<int> x, Vector512<int> y, float* sums)
    {
        Vector512<float> xScale = Vector512.LoadAligned((float*)(panel + Q80PanelAvx512.BlockScale)) * scale;
        Vector512<float> yScale =
            Vector512.LoadAligned((float*)(panel + Q80PanelAvx512.Bytes + Q80PanelAvx512.BlockScale)) * scale;
        (Vector512.LoadAligned(sums) + Vector512.ConvertToSingle(x) * xScale).StoreAligned(sums);
        (Vector512.LoadAligned(sums + 16) + Vector512.ConvertToSingle(y) * yScale).StoreAligned(sums + 16);
    }
}
