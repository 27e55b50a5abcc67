using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>A few blocks of <see cref="Q80PanelAvx2"/> for 8 rows with up to four tokens.</summary>
internal static unsafe class Q80TileAvx2
{
    /// <summary>For a token: a vector of sums.</summary>
    public const int SumsPerToken = 8;

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
        for (int block = 0; block < blocks; block++, panel += Q80PanelAvx2.Bytes, scales++)
        {
            Vector256<int> x0 = default, x1 = default, x2 = default, x3 = default;
            byte* weights = panel;
            for (int i = 0; i < Q80Block.Length * sizeof(short); i += 4, weights += 32)
            {
                Vector256<short> x = Vector256.LoadAligned((short*)weights);
                x0 += Avx2.MultiplyAddAdjacent(x, Two(a0 + i));
                if (TCount.Value > 1)
                {
                    x1 += Avx2.MultiplyAddAdjacent(x, Two(a1 + i));
                }

                if (TCount.Value > 2)
                {
                    x2 += Avx2.MultiplyAddAdjacent(x, Two(a2 + i));
                }

                if (TCount.Value > 3)
                {
                    x3 += Avx2.MultiplyAddAdjacent(x, Two(a3 + i));
                }
            }

            Add(panel, Scale(scales, 0, stride), x0, sums);
            if (TCount.Value > 1)
            {
                Add(panel, Scale(scales, 1, stride), x1, sums + SumsPerToken);
            }

            if (TCount.Value > 2)
            {
                Add(panel, Scale(scales, 2, stride), x2, sums + 2 * SumsPerToken);
            }

            if (TCount.Value > 3)
            {
                Add(panel, Scale(scales, 3, stride), x3, sums + 3 * SumsPerToken);
            }

            a0 += Q80Block.Length * sizeof(short);
            a1 += Q80Block.Length * sizeof(short);
            a2 += Q80Block.Length * sizeof(short);
            a3 += Q80Block.Length * sizeof(short);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Two(byte* activations) => Vector256.Create(*(int*)activations).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Scale(float* scales, int token, long stride) =>
        Vector256.Create(*(float*)((byte*)scales + token * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(byte* panel, Vector256<float> scale, Vector256<int> products, float* sums)
    {
        scale *= Vector256.LoadAligned((float*)(panel + Q80PanelAvx2.BlockScale));
        (Vector256.LoadAligned(sums) + Vector256.ConvertToSingle(products) * scale).StoreAligned(sums);
    }
}
