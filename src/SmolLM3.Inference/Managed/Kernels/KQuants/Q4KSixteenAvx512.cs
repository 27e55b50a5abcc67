using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Sixteen Q4_K rows on AVX-512. A sub-block's 8 products of 2 * 15 * 127 fit in 16 bits, so the scale comes
/// once for 32 weights.</summary>
internal readonly unsafe struct Q4KSixteenAvx512 : ISixteenRows
{
    private const int QuantsOffset = 16;

    public static int BlockBytes => Q4KBlock.Bytes;

    public static int SumsPerToken => 2 * 16;

    public static Vector512<float> Finish(float* sums) =>
        Vector512.LoadAligned(sums) - Vector512.LoadAligned(sums + 16);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<TCount>(byte* weights, long rowBytes, in Four<Q8KBlock> activations, float* sums)
        where TCount : struct, ITokenCount
    {
        sbyte* a0 = activations.At0->Quants, a1 = activations.At1->Quants;
        sbyte* a2 = activations.At2->Quants, a3 = activations.At3->Quants;
        var transpose = new Transpose16(weights, rowBytes);
        transpose.Read(
            0,
            out Vector512<uint> factors,
            out Vector512<uint> scales0,
            out Vector512<uint> scales4,
            out Vector512<uint> scales8);
        var packed = new Q4KScalesAvx512(scales0, scales4, scales8);
        Vector512<int> p0 = default, p1 = default, p2 = default, p3 = default;
        Vector512<uint> scales = packed.Scales0;
        for (int offset = QuantsOffset; offset < Q4KBlock.Bytes; offset += 32)
        {
            Vector512<short> l0 = default, l1 = default, l2 = default, l3 = default;
            Vector512<short> h0 = default, h1 = default, h2 = default, h3 = default;
            for (int half = 0; half < 32; half += 16)
            {
                transpose.Read(
                    offset + half,
                    out Vector512<uint> q0,
                    out Vector512<uint> q4,
                    out Vector512<uint> q8,
                    out Vector512<uint> q12);
                Four<sbyte> a = new(a0, a1, a2, a3);
                Add<TCount>(q0, a, ref l0, ref l1, ref l2, ref l3, ref h0, ref h1, ref h2, ref h3);
                Add<TCount>(q4, a.Skip(4), ref l0, ref l1, ref l2, ref l3, ref h0, ref h1, ref h2, ref h3);
                Add<TCount>(q8, a.Skip(8), ref l0, ref l1, ref l2, ref l3, ref h0, ref h1, ref h2, ref h3);
                Add<TCount>(q12, a.Skip(12), ref l0, ref l1, ref l2, ref l3, ref h0, ref h1, ref h2, ref h3);
                a0 += 16;
                a1 += 16;
                a2 += 16;
                a3 += 16;
            }

            Vector512<short> low = Q4KScalesAvx512.First(scales), high = Q4KScalesAvx512.Second(scales);
            p0 += Scaled(l0, low, h0, high);
            p1 += Scaled(l1, low, h1, high);
            p2 += Scaled(l2, low, h2, high);
            p3 += Scaled(l3, low, h3, high);
            scales = offset == QuantsOffset + 32 ? packed.Scales4 : scales >> 16;
            a0 += 32;
            a1 += 32;
            a2 += 32;
            a3 += 32;
        }

        Vector512<float> scale = HalfBits.ToSingle(factors & Vector512.Create(0xffffu));
        Vector512<float> minimum = HalfBits.ToSingle(factors >> 16);
        Finish(packed, activations.At0, p0, scale, minimum, sums);
        if (TCount.Value > 1)
        {
            Finish(packed, activations.At1, p1, scale, minimum, sums + 32);
        }

        if (TCount.Value > 2)
        {
            Finish(packed, activations.At2, p2, scale, minimum, sums + 64);
        }

        if (TCount.Value > 3)
        {
            Finish(packed, activations.At3, p3, scale, minimum, sums + 96);
        }
    }

    // 4 weights of a row in each lane, low halves for one sub-block, high ones for the next.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TCount>(
        Vector512<uint> pairs,
        in Four<sbyte> activations,
        ref Vector512<short> l0,
        ref Vector512<short> l1,
        ref Vector512<short> l2,
        ref Vector512<short> l3,
        ref Vector512<short> h0,
        ref Vector512<short> h1,
        ref Vector512<short> h2,
        ref Vector512<short> h3)
        where TCount : struct, ITokenCount
    {
        Vector512<byte> low = (pairs & Vector512.Create(0x0f0f0f0fu)).AsByte();
        Vector512<byte> high = ByteBits.UpperHalf(pairs.AsByte());
        l0 += Avx512BW.MultiplyAddAdjacent(low, Four(activations.At0));
        h0 += Avx512BW.MultiplyAddAdjacent(high, Four(activations.At0 + 32));
        if (TCount.Value > 1)
        {
            l1 += Avx512BW.MultiplyAddAdjacent(low, Four(activations.At1));
            h1 += Avx512BW.MultiplyAddAdjacent(high, Four(activations.At1 + 32));
        }

        if (TCount.Value > 2)
        {
            l2 += Avx512BW.MultiplyAddAdjacent(low, Four(activations.At2));
            h2 += Avx512BW.MultiplyAddAdjacent(high, Four(activations.At2 + 32));
        }

        if (TCount.Value > 3)
        {
            l3 += Avx512BW.MultiplyAddAdjacent(low, Four(activations.At3));
            h3 += Avx512BW.MultiplyAddAdjacent(high, Four(activations.At3 + 32));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<sbyte> Four(sbyte* activations) => Vector512.Create(*(int*)activations).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Scaled(
        Vector512<short> low, Vector512<short> lowScale, Vector512<short> high, Vector512<short> highScale) =>
        Avx512BW.MultiplyAddAdjacent(low, lowScale) + Avx512BW.MultiplyAddAdjacent(high, highScale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        in Q4KScalesAvx512 packed,
        Q8KBlock* activations,
        Vector512<int> products,
        Vector512<float> scale,
        Vector512<float> minimum,
        float* sums)
    {
        int* pairs = (int*)activations->Sums32;
        Vector512<int> minimums =
            (Of(Q4KScalesAvx512.FirstPair(packed.Minimums0), pairs[0])
                + Of(Q4KScalesAvx512.SecondPair(packed.Minimums0), pairs[1]))
            + (Of(Q4KScalesAvx512.FirstPair(packed.Minimums4), pairs[2])
                + Of(Q4KScalesAvx512.SecondPair(packed.Minimums4), pairs[3]));
        Vector512<float> own = Vector512.Create(activations->Scale);
        Vector512<float> sum = Vector512.ConvertToSingle(products) * (scale * own);
        Vector512<float> less = Vector512.ConvertToSingle(minimums) * (minimum * own);
        (Vector512.LoadAligned(sums) + sum).StoreAligned(sums);
        (Vector512.LoadAligned(sums + 16) + less).StoreAligned(sums + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Of(Vector512<short> minimums, int pair) =>
        Avx512BW.MultiplyAddAdjacent(minimums, Vector512.Create(pair).AsInt16());
}
