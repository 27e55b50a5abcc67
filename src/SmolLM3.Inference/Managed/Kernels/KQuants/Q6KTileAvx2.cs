using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// One <see cref="Q6KPanelAvx2"/> with up to four tokens, as <see cref="Q4KTileAvx2"/>. Only two products of
/// 2 * 63 * 127 fit in 16 bits before the scale must come.
/// </summary>
internal static unsafe class Q6KTileAvx2
{
    /// <summary>For a token: a vector of sums.</summary>
    public const int SumsPerToken = 8;

    public static void Multiply(int tokens, byte* panel, byte* activations, long stride, float* sums)
    {
        switch (tokens)
        {
            case 1:
                Multiply<OneToken>(panel, activations, stride, sums);
                break;
            case 2:
                Multiply<TwoTokens>(panel, activations, stride, sums);
                break;
            case 3:
                Multiply<ThreeTokens>(panel, activations, stride, sums);
                break;
            default:
                Multiply<FourTokens>(panel, activations, stride, sums);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TCount>(byte* panel, byte* activations, long stride, float* sums)
        where TCount : struct, ITokenCount
    {
        byte* a0 = activations;
        byte* a1 = TCount.Value > 1 ? a0 + stride : a0;
        byte* a2 = TCount.Value > 2 ? a1 + stride : a0;
        byte* a3 = TCount.Value > 3 ? a2 + stride : a0;
        Vector256<int> p0 = default, p1 = default, p2 = default, p3 = default;
        byte* weights = panel;
        byte* scales = panel + Q6KPanelAvx2.Scales;
        for (int i = 0; i < Q6KBlock.Length; i += 16, scales += 32)
        {
            Vector256<short> s = Vector256.LoadAligned((short*)scales);
            for (int j = i; j < i + 16; j += 8, weights += 64)
            {
                Vector256<byte> x0 = Vector256.LoadAligned(weights);
                Vector256<byte> x1 = Vector256.LoadAligned(weights + 32);
                Add(x0, x1, a0 + j, s, ref p0);
                if (TCount.Value > 1)
                {
                    Add(x0, x1, a1 + j, s, ref p1);
                }

                if (TCount.Value > 2)
                {
                    Add(x0, x1, a2 + j, s, ref p2);
                }

                if (TCount.Value > 3)
                {
                    Add(x0, x1, a3 + j, s, ref p3);
                }
            }
        }

        Finish(panel, (Q8KBlock*)a0, p0, sums);
        if (TCount.Value > 1)
        {
            Finish(panel, (Q8KBlock*)a1, p1, sums + SumsPerToken);
        }

        if (TCount.Value > 2)
        {
            Finish(panel, (Q8KBlock*)a2, p2, sums + 2 * SumsPerToken);
        }

        if (TCount.Value > 3)
        {
            Finish(panel, (Q8KBlock*)a3, p3, sums + 3 * SumsPerToken);
        }
    }

    /// <summary>8 activations of a token with 8 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        Vector256<byte> x0, Vector256<byte> x1, byte* activations, Vector256<short> scale, ref Vector256<int> sum)
    {
        Vector256<sbyte> a = Vector256.Create(*(int*)activations).AsSByte();
        Vector256<sbyte> b = Vector256.Create(*(int*)(activations + 4)).AsSByte();
        sum += Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(x0, a) + Avx2.MultiplyAddAdjacent(x1, b), scale);
    }

    private static void Finish(byte* panel, Q8KBlock* activations, Vector256<int> products, float* sums)
    {
        Vector256<int> offset = default;
        for (int i = 0; i < 8; i++)
        {
            offset += Avx2.MultiplyAddAdjacent(
                Vector256.LoadAligned((short*)(panel + Q6KPanelAvx2.ScalePairs + i * 32)),
                Vector256.Create(((int*)activations->Sums16)[i]).AsInt16());
        }

        Vector256<float> scale = Vector256.LoadAligned((float*)(panel + Q6KPanelAvx2.BlockScale))
            * Vector256.Create(activations->Scale);
        (Vector256.LoadAligned(sums) + Vector256.ConvertToSingle(products - (offset << 5)) * scale).StoreAligned(sums);
    }
}
