using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// One <see cref="Q4KPanelAvx2"/> with up to four tokens, which is what 16 registers hold. A sub-block's 8 products of
/// 2 * 15 * 127 fit in 16 bits, so the scale comes once for 32 weights.
/// </summary>
internal static unsafe class Q4KTileAvx2
{
    /// <summary>For a token: a vector of sums, one of minimums.</summary>
    public const int SumsPerToken = 2 * 8;

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
        Vector256<int> x0 = default, x1 = default, x2 = default, x3 = default;
        byte* weights = panel;
        for (int block = 0; block < 8; block++)
        {
            Vector256<short> s0 = default, s1 = default, s2 = default, s3 = default;
            for (int i = 0; i < 32; i += 4, weights += 32)
            {
                Vector256<byte> x = Vector256.LoadAligned(weights);
                s0 += Avx2.MultiplyAddAdjacent(x, Four(a0 + i));
                if (TCount.Value > 1)
                {
                    s1 += Avx2.MultiplyAddAdjacent(x, Four(a1 + i));
                }

                if (TCount.Value > 2)
                {
                    s2 += Avx2.MultiplyAddAdjacent(x, Four(a2 + i));
                }

                if (TCount.Value > 3)
                {
                    s3 += Avx2.MultiplyAddAdjacent(x, Four(a3 + i));
                }
            }

            var xScale = Vector256.LoadAligned((short*)(panel + Q4KPanelAvx2.Scales + block * 32));
            x0 += Avx2.MultiplyAddAdjacent(s0, xScale);
            x1 += Avx2.MultiplyAddAdjacent(s1, xScale);
            x2 += Avx2.MultiplyAddAdjacent(s2, xScale);
            x3 += Avx2.MultiplyAddAdjacent(s3, xScale);
            a0 += 32;
            a1 += 32;
            a2 += 32;
            a3 += 32;
        }

        var end = (Q8KBlock*)activations;
        Add(panel, end, x0, sums);
        if (TCount.Value > 1)
        {
            Add(panel, end = (Q8KBlock*)((byte*)end + stride), x1, sums + SumsPerToken);
        }

        if (TCount.Value > 2)
        {
            Add(panel, end = (Q8KBlock*)((byte*)end + stride), x2, sums + 2 * SumsPerToken);
        }

        if (TCount.Value > 3)
        {
            Add(panel, (Q8KBlock*)((byte*)end + stride), x3, sums + 3 * SumsPerToken);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> Four(byte* activations) => Vector256.Create(*(int*)activations).AsSByte();

    private static void Add(byte* panel, Q8KBlock* activations, Vector256<int> products, float* sums)
    {
        Vector256<int> minimums = default;
        for (int i = 0; i < 4; i++)
        {
            minimums += Avx2.MultiplyAddAdjacent(
                Vector256.LoadAligned((short*)(panel + Q4KPanelAvx2.Minimums + i * 32)),
                Vector256.Create(((int*)activations->Sums32)[i]).AsInt16());
        }

        Vector256<float> scale = Vector256.Create(activations->Scale);
        Vector256<float> sum = Vector256.ConvertToSingle(products)
            * (Vector256.LoadAligned((float*)(panel + Q4KPanelAvx2.BlockScale)) * scale);
        Vector256<float> minimum = Vector256.ConvertToSingle(minimums)
            * (Vector256.LoadAligned((float*)(panel + Q4KPanelAvx2.BlockMinimum)) * scale);
        (Vector256.LoadAligned(sums) + sum).StoreAligned(sums);
        (Vector256.LoadAligned(sums + 8) + minimum).StoreAligned(sums + 8);
    }
}
