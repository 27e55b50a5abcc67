using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// Two neighbouring <see cref="Q4KPanelAvx512"/> with up to four tokens: each activation that is broadcast serves 32
/// rows, each vector of weights four tokens. A sub-block's 8 products of 2 * 15 * 127 fit in 16 bits, so the scale
/// comes once for 32 weights.
/// </summary>
internal static unsafe class Q4KTileAvx512
{
    /// <summary>For a token: two vectors of sums, two of minimums.</summary>
    public const int SumsPerToken = 4 * 16;

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
        Vector512<int> x0 = default, x1 = default, x2 = default, x3 = default;
        Vector512<int> y0 = default, y1 = default, y2 = default, y3 = default;
        byte* weights = panel;
        for (int block = 0; block < 8; block++)
        {
            Vector512<short> s0 = default, s1 = default, s2 = default, s3 = default;
            Vector512<short> t0 = default, t1 = default, t2 = default, t3 = default;
            for (int i = 0; i < 32; i += 4, weights += 64)
            {
                Vector512<byte> x = Vector512.LoadAligned(weights);
                Vector512<byte> y = Vector512.LoadAligned(weights + Q4KPanelAvx512.Bytes);
                Vector512<sbyte> a = Four(a0 + i);
                s0 += Avx512BW.MultiplyAddAdjacent(x, a);
                t0 += Avx512BW.MultiplyAddAdjacent(y, a);
                if (TCount.Value > 1)
                {
                    a = Four(a1 + i);
                    s1 += Avx512BW.MultiplyAddAdjacent(x, a);
                    t1 += Avx512BW.MultiplyAddAdjacent(y, a);
                }

                if (TCount.Value > 2)
                {
                    a = Four(a2 + i);
                    s2 += Avx512BW.MultiplyAddAdjacent(x, a);
                    t2 += Avx512BW.MultiplyAddAdjacent(y, a);
                }

                if (TCount.Value > 3)
                {
                    a = Four(a3 + i);
                    s3 += Avx512BW.MultiplyAddAdjacent(x, a);
                    t3 += Avx512BW.MultiplyAddAdjacent(y, a);
                }
            }

            var xScale = Vector512.LoadAligned((short*)(panel + Q4KPanelAvx512.Scales + block * 64));
            var yScale = Vector512.LoadAligned(
                (short*)(panel + Q4KPanelAvx512.Bytes + Q4KPanelAvx512.Scales + block * 64));
            x0 += Avx512BW.MultiplyAddAdjacent(s0, xScale);
            y0 += Avx512BW.MultiplyAddAdjacent(t0, yScale);
            x1 += Avx512BW.MultiplyAddAdjacent(s1, xScale);
            y1 += Avx512BW.MultiplyAddAdjacent(t1, yScale);
            x2 += Avx512BW.MultiplyAddAdjacent(s2, xScale);
            y2 += Avx512BW.MultiplyAddAdjacent(t2, yScale);
            x3 += Avx512BW.MultiplyAddAdjacent(s3, xScale);
            y3 += Avx512BW.MultiplyAddAdjacent(t3, yScale);
            a0 += 32;
            a1 += 32;
            a2 += 32;
            a3 += 32;
        }

        var end = (Q8KBlock*)activations;
        Add(panel, end, x0, y0, sums);
        if (TCount.Value > 1)
        {
            Add(panel, end = (Q8KBlock*)((byte*)end + stride), x1, y1, sums + SumsPerToken);
        }

        if (TCount.Value > 2)
        {
            Add(panel, end = (Q8KBlock*)((byte*)end + stride), x2, y2, sums + 2 * SumsPerToken);
        }

        if (TCount.Value > 3)
        {
            Add(panel, (Q8KBlock*)((byte*)end + stride), x3, y3, sums + 3 * SumsPerToken);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<sbyte> Four(byte* activations) => Vector512.Create(*(int*)activations).AsSByte();

    private static void Add(byte* panel, Q8KBlock* activations, Vector512<int> x, Vector512<int> y, float* sums)
    {
        Add(panel, activations, x, sums);
        Add(panel + Q4KPanelAvx512.Bytes, activations, y, sums + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(byte* panel, Q8KBlock* activations, Vector512<int> products, float* sums)
    {
        Vector512<int> minimums = default;
        for (int i = 0; i < 4; i++)
        {
            minimums += Avx512BW.MultiplyAddAdjacent(
                Vector512.LoadAligned((short*)(panel + Q4KPanelAvx512.Minimums + i * 64)),
                Vector512.Create(((int*)activations->Sums32)[i]).AsInt16());
        }

        Vector512<float> scale = Vector512.Create(activations->Scale);
        Vector512<float> sum = Vector512.ConvertToSingle(products)
            * (Vector512.LoadAligned((float*)(panel + Q4KPanelAvx512.BlockScale)) * scale);
        Vector512<float> minimum = Vector512.ConvertToSingle(minimums)
            * (Vector512.LoadAligned((float*)(panel + Q4KPanelAvx512.BlockMinimum)) * scale);
        (Vector512.LoadAligned(sums) + sum).StoreAligned(sums);
        (Vector512.LoadAligned(sums + 16) + minimum).StoreAligned(sums + 16);
    }
}
