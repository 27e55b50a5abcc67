using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Sixteen Q6_K rows on AVX-512. Only two products of 2 * 63 * 127 fit in 16 bits before the scale must come.
/// </summary>
internal readonly unsafe struct Q6KSixteenAvx512 : ISixteenRows
{
    private const int HighOffset = 128;
    private const int ScalesOffset = 192;

    public static int BlockBytes => Q6KBlock.Bytes;

    public static int SumsPerToken => 16;

    public static Vector512<float> Finish(float* sums) => Vector512.LoadAligned(sums);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<TCount>(byte* weights, long rowBytes, in Four<Q8KBlock> activations, float* sums)
        where TCount : struct, ITokenCount
    {
        var transpose = new Transpose16(weights, rowBytes);
        transpose.Read(
            ScalesOffset,
            out Vector512<uint> scales0,
            out Vector512<uint> scales4,
            out Vector512<uint> scales8,
            out Vector512<uint> scales12);
        Vector512<int> p0 = default, p1 = default, p2 = default, p3 = default;
        Four<sbyte> a = new(
            activations.At0->Quants, activations.At1->Quants, activations.At2->Quants, activations.At3->Quants);
        for (int half = 0; half < 2; half++, a = a.Skip(128 - 32))
        {
            Vector512<uint> low = half == 0 ? scales0 : scales8, high = half == 0 ? scales4 : scales12;
            for (int i = 0; i < 32; i += 16, a = a.Skip(16), low >>= 8, high >>= 8)
            {
                transpose.Read(
                    HighOffset + (half * 32) + i,
                    out Vector512<uint> high0,
                    out Vector512<uint> high4,
                    out Vector512<uint> high8,
                    out Vector512<uint> high12);
                transpose.Read(
                    (half * 64) + i,
                    out Vector512<uint> low0,
                    out Vector512<uint> low4,
                    out Vector512<uint> low8,
                    out Vector512<uint> low12);
                Vector512<short> scale = First(low);
                Add<TCount>(Low(low0, high0, 0), Low(low4, high4, 0), a, scale, ref p0, ref p1, ref p2, ref p3);
                Add<TCount>(
                    Low(low8, high8, 0), Low(low12, high12, 0), a.Skip(8), scale, ref p0, ref p1, ref p2, ref p3);
                scale = First(high);
                Add<TCount>(
                    Upper(low0, high0, 4), Upper(low4, high4, 4), a.Skip(64), scale, ref p0, ref p1, ref p2, ref p3);
                Add<TCount>(
                    Upper(low8, high8, 4), Upper(low12, high12, 4), a.Skip(72), scale, ref p0, ref p1, ref p2, ref p3);
                transpose.Read((half * 64) + 32 + i, out low0, out low4, out low8, out low12);
                scale = Third(low);
                Add<TCount>(
                    Low(low0, high0, 2), Low(low4, high4, 2), a.Skip(32), scale, ref p0, ref p1, ref p2, ref p3);
                Add<TCount>(
                    Low(low8, high8, 2), Low(low12, high12, 2), a.Skip(40), scale, ref p0, ref p1, ref p2, ref p3);
                scale = Third(high);
                Add<TCount>(
                    Upper(low0, high0, 6), Upper(low4, high4, 6), a.Skip(96), scale, ref p0, ref p1, ref p2, ref p3);
                Add<TCount>(
                    Upper(low8, high8, 6), Upper(low12, high12, 6), a.Skip(104), scale, ref p0, ref p1, ref p2, ref p3);
            }
        }

        // The block's scale is the end of the block: the upper half of the last 4 bytes.
        transpose.Read(Q6KBlock.Bytes - 16, out _, out _, out _, out Vector512<uint> last);
        Vector512<float> factor = HalfBits.ToSingle(last >> 16);
        Finish(scales0, scales4, scales8, scales12, activations.At0, p0, factor, sums);
        if (TCount.Value > 1)
        {
            Finish(scales0, scales4, scales8, scales12, activations.At1, p1, factor, sums + 16);
        }

        if (TCount.Value > 2)
        {
            Finish(scales0, scales4, scales8, scales12, activations.At2, p2, factor, sums + 32);
        }

        if (TCount.Value > 3)
        {
            Finish(scales0, scales4, scales8, scales12, activations.At3, p3, factor, sums + 48);
        }
    }

    // 8 weights of a row with those of each token.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TCount>(
        Vector512<byte> first,
        Vector512<byte> second,
        in Four<sbyte> activations,
        Vector512<short> scale,
        ref Vector512<int> p0,
        ref Vector512<int> p1,
        ref Vector512<int> p2,
        ref Vector512<int> p3)
        where TCount : struct, ITokenCount
    {
        p0 += Scaled(first, second, activations.At0, scale);
        if (TCount.Value > 1)
        {
            p1 += Scaled(first, second, activations.At1, scale);
        }

        if (TCount.Value > 2)
        {
            p2 += Scaled(first, second, activations.At2, scale);
        }

        if (TCount.Value > 3)
        {
            p3 += Scaled(first, second, activations.At3, scale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Scaled(
        Vector512<byte> first, Vector512<byte> second, sbyte* activations, Vector512<short> scale) =>
        Avx512BW.MultiplyAddAdjacent(
            Avx512BW.MultiplyAddAdjacent(first, Vector512.Create(*(int*)activations).AsSByte())
                + Avx512BW.MultiplyAddAdjacent(second, Vector512.Create(*(int*)(activations + 4)).AsSByte()),
            scale);

    // The weights of low halves, and of upper ones, as numbers 0..63.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Low(Vector512<uint> pairs, Vector512<uint> bits, [ConstantExpected] int first) =>
        (pairs.AsByte() & Vector512.Create((byte)15)) | ByteBits.PairToUpper(bits.AsByte(), first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Upper(Vector512<uint> pairs, Vector512<uint> bits, [ConstantExpected] int first) =>
        ByteBits.UpperHalf(pairs.AsByte()) | ByteBits.PairToUpper(bits.AsByte(), first);

    // Numbers are 32 too great: 32 times the sum of activations is taken away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(
        Vector512<uint> scales0,
        Vector512<uint> scales4,
        Vector512<uint> scales8,
        Vector512<uint> scales12,
        Q8KBlock* activations,
        Vector512<int> products,
        Vector512<float> factor,
        float* sums)
    {
        int* pairs = (int*)activations->Sums16;
        Vector512<int> shift = (Shift(scales0, pairs) + Shift(scales4, pairs + 2))
            + (Shift(scales8, pairs + 4) + Shift(scales12, pairs + 6));
        Vector512<float> sum = Vector512.ConvertToSingle(products - (shift << 5))
            * (factor * Vector512.Create(activations->Scale));
        (Vector512.LoadAligned(sums) + sum).StoreAligned(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Shift(Vector512<uint> scales, int* pairs) =>
        Avx512BW.MultiplyAddAdjacent(FirstPair(scales), Vector512.Create(pairs[0]).AsInt16())
            + Avx512BW.MultiplyAddAdjacent(SecondPair(scales), Vector512.Create(pairs[1]).AsInt16());

    // Of four signed bytes of a lane two, widened to 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> First(Vector512<uint> four) => Avx512BW.Shuffle(four.AsByte(), Vector512.Create(
        0x0080_0080, 0x0480_0480, 0x0880_0880, 0x0c80_0c80,
        0x0080_0080, 0x0480_0480, 0x0880_0880, 0x0c80_0c80,
        0x0080_0080, 0x0480_0480, 0x0880_0880, 0x0c80_0c80,
        0x0080_0080, 0x0480_0480, 0x0880_0880, 0x0c80_0c80).AsByte()).AsInt16() >> 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Third(Vector512<uint> four) => Avx512BW.Shuffle(four.AsByte(), Vector512.Create(
        0x0280_0280, 0x0680_0680, 0x0a80_0a80, 0x0e80_0e80,
        0x0280_0280, 0x0680_0680, 0x0a80_0a80, 0x0e80_0e80,
        0x0280_0280, 0x0680_0680, 0x0a80_0a80, 0x0e80_0e80,
        0x0280_0280, 0x0680_0680, 0x0a80_0a80, 0x0e80_0e80).AsByte()).AsInt16() >> 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> FirstPair(Vector512<uint> four) => Avx512BW.Shuffle(four.AsByte(), Vector512.Create(
        0x0180_0080, 0x0580_0480, 0x0980_0880, 0x0d80_0c80,
        0x0180_0080, 0x0580_0480, 0x0980_0880, 0x0d80_0c80,
        0x0180_0080, 0x0580_0480, 0x0980_0880, 0x0d80_0c80,
        0x0180_0080, 0x0580_0480, 0x0980_0880, 0x0d80_0c80).AsByte()).AsInt16() >> 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> SecondPair(Vector512<uint> four) => Avx512BW.Shuffle(four.AsByte(), Vector512.Create(
        0x0380_0280, 0x0780_0680, 0x0b80_0a80, 0x0f80_0e80,
        0x0380_0280, 0x0780_0680, 0x0b80_0a80, 0x0f80_0e80,
        0x0380_0280, 0x0780_0680, 0x0b80_0a80, 0x0f80_0e80,
        0x0380_0280, 0x0780_0680, 0x0b80_0a80, 0x0f80_0e80).AsByte()).AsInt16() >> 8;
}
