using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Dot product of a decoded row on any processor with 128-bit vectors.</summary>
internal static unsafe class KQuantDotVector128
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(DecodedKBlock* row, Q8KBlock* activations, int columns)
    {
        float sum = 0;
        float minimum = 0;
        for (int block = 0; block < columns / Q8KBlock.Length; block++, row++, activations++)
        {
            Vector128<int> products = Vector128<int>.Zero;
            for (int i = 0; i < Q8KBlock.Length; i += 16)
            {
                products += Part(row->Quants + i, activations->Quants + i) * Vector128.Create((int)row->Scales[i / 16]);
            }

            Vector128<int> minimums = Minimums(row->Minimums, activations->Sums16)
                + Minimums(row->Minimums + 8, activations->Sums16 + 8);
            sum += Vector128.Sum(products) * (row->Scale * activations->Scale);
            minimum += Vector128.Sum(minimums) * (row->Minimum * activations->Scale);
        }

        return sum - minimum;
    }

    /// <summary>16 products in 4 parts. Two of 32 * 127 fit in 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Part(sbyte* weights, sbyte* activations)
    {
        (Vector128<short> w0, Vector128<short> w1) = Vector128.Widen(Vector128.Load(weights));
        (Vector128<short> a0, Vector128<short> a1) = Vector128.Widen(Vector128.Load(activations));
        (Vector128<int> lower, Vector128<int> upper) = Vector128.Widen(w0 * a0 + w1 * a1);
        return lower + upper;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Minimums(short* minimums, short* sums)
    {
        (Vector128<int> m0, Vector128<int> m1) = Vector128.Widen(Vector128.Load(minimums));
        (Vector128<int> s0, Vector128<int> s1) = Vector128.Widen(Vector128.Load(sums));
        return m0 * s0 + m1 * s1;
    }
}
