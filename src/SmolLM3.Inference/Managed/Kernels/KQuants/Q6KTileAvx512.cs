using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// Two neighbouring <see cref="Q6KPanelAvx512"/> with up to four tokens, as <see cref="Q4KTileAvx512"/>. Only two
/// products of 2 * 63 * 127 fit in 16 bits before the scale must come.
/// </summary>
internal static unsafe class Q6KTileAvx512
{
    /// <summary>For a token: two vectors of sums.</summary>
    public const int SumsPerToken = 2 * 16;

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
        Vector512<int> p0 = default, p1 = default, p2 = default, p3 = default;
        Vector512<int> q0 = default, q1 = default, q2 = default, q3 = default;
        byte* weights = panel;
        byte* scales = panel + Q6KPanelAvx512.Scales;
        for (int i = 0; i < Q6KBlock.Length; i += 16, scales += 64)
        {
            Vector512<short> s = Vector512.LoadAligned((short*)scales);
            Vector512<short> t = Vector512.LoadAligned((short*)(scales + Q6KPanelAvx512.Bytes));
            for (int j = i; j < i + 16; j += 8, weights += 128)
            {
                Vector512<byte> x0 = Vector512.LoadAligned(weights);
                Vector512<byte> x1 = Vector512.LoadAligned(weights + 64);
                Vector512<byte> y0 = Vector512.LoadAligned(weights + Q6KPanelAvx512.Bytes);
                Vector512<byte> y1 = Vector512.LoadAligned(weights + Q6KPanelAvx512.Bytes + 64);
                Add(x0, x1, y0, y1, a0 + j, s, t, ref p0, ref q0);
                if (TCount.Value > 1)
                {
                    Add(x0, x1, y0, y1, a1 + j, s, t, ref p1, ref q1);
                }

                if (TCount.Value > 2)
                {
                    Add(x0, x1, y0, y1, a2 + j, s, t, ref p2, ref q2);
                }

                if (TCount.Value > 3)
                {
                    Add(x0, x1, y0, y1, a3 + j, s, t, ref p3, ref q3);
                }
            }
        }

        Finish(panel, a0, p0, q0, sums);
        if (TCount.Value > 1)
        {
            Finish(panel, a1, p1, q1, sums + SumsPerToken);
        }

        if (TCount.Value > 2)
        {
            Finish(panel, a2, p2, q2, sums + 2 * SumsPerToken);
        }

        if (TCount.Value > 3)
        {
            Finish(panel, a3, p3, q3, sums + 3 * SumsPerToken);
        }
    }

    /// <summary>8 activations of a token with 16 + 16 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        Vector512<byte> x0,
        Vector512<byte> x1,
        Vector512<byte> y0,
        Vector512<byte> y1,
        byte* activations,
        Vector512<short> xScale,
        Vector512<short> yScale,
        ref Vector512<int> x,
        ref Vector512<int> y)
    {
        Vector512<sbyte> a = Vector512.Create(*(int*)activations).AsSByte();
        Vector512<sbyte> b = Vector512.Create(*(int*)(activations + 4)).AsSByte();
        x += Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(x0, a) + Avx512BW.MultiplyAddAdjacent(x1, b), xScale);
        y += Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(y0, a) + Avx512BW.MultiplyAddAdjacent(y1, b), yScale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(byte* panel, byte* activations, Vector512<int> x, Vector512<int> y, float* sums)
    {
        Finish(panel, (Q8KBlock*)activations, x, sums);
        Finish(panel + Q6KPanelAvx512.Bytes, (Q8KBlock*)activations, y, sums + 16);
    }

    private static void Finish(byte* panel, Q8KBlock* activations, Vector512<int> products, float* sums)
    {
        Vector512<int> offset = default;
        for (int i = 0; i < 8; i++)
        {
            offset += Avx512BW.MultiplyAddAdjacent(
                Vector512.LoadAligned((short*)(panel + Q6KPanelAvx512.ScalePairs + i * 64)),
                Vector512.Create(((int*)activations->Sums16)[i]).AsInt16());
        }

        Vector512<float> scale = Vector512.LoadAligned((float*)(panel + Q6KPanelAvx512.BlockScale))
            * Vector512.Create(activations->Scale);
        (Vector512.LoadAligned(sums) + Vector512.ConvertToSingle(products - (offset << 5)) * scale).StoreAligned(sums);
    }
}
