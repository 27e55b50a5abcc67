using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>A Q6_K block for four tokens on AVX-512: 64 bytes of lower bits make two vectors of weights.</summary>
internal readonly unsafe struct Q6KTokensAvx512 : IFourTokens<Q6KTokensAvx512>
{
    private readonly Vector256<short> _scales;
    private readonly Vector256<float> _factors;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Q6KTokensAvx512(Q6KBlock* block)
    {
        _scales = Avx2.ConvertToVector256Int16(Vector128.Load(block->Scales));
        _factors = Vector256.Create(HalfBits.ToSingle(block->Scale));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Q6KTokensAvx512 Prepare(byte* weights) => new((Q6KBlock*)weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourProducts Multiply(in Q6KTokensAvx512 block, byte* weights, in Four<Q8KBlock> activations)
    {
        var own = (Q6KBlock*)weights;
        Q8KBlock* a0 = activations.At0, a1 = activations.At1, a2 = activations.At2, a3 = activations.At3;
        Vector256<short> scales = block._scales;
        Halves(own->Low, own->High, out Vector512<byte> q0, out Vector512<byte> q1);
        Halves(own->Low + 64, own->High + 32, out Vector512<byte> q2, out Vector512<byte> q3);
        Vector512<short> all = scales.ToVector512Unsafe();
        Vector512<short> s0 = Pick(all, 0), s1 = Pick(all, 4), s2 = Pick(all, 8), s3 = Pick(all, 12);
        return new(
            BlockFold.Fold(
                Sum(q0, q1, q2, q3, s0, s1, s2, s3, scales, a0),
                Sum(q0, q1, q2, q3, s0, s1, s2, s3, scales, a1),
                Sum(q0, q1, q2, q3, s0, s1, s2, s3, scales, a2),
                Sum(q0, q1, q2, q3, s0, s1, s2, s3, scales, a3)),
            block._factors * BlockFold.Spread(a0->Scale, a1->Scale, a2->Scale, a3->Scale));
    }

    /// <summary>A block's products with their scales in 8 parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sum(
        Vector512<byte> q0, Vector512<byte> q1, Vector512<byte> q2, Vector512<byte> q3,
        Vector512<short> s0, Vector512<short> s1, Vector512<short> s2, Vector512<short> s3,
        Vector256<short> scales, Q8KBlock* activations)
    {
        sbyte* quants = activations->Quants;
        return Vectors512.Halve(
            (Vectors512.Scaled(q0, quants, s0) + Vectors512.Scaled(q1, quants + 64, s1))
            + (Vectors512.Scaled(q2, quants + 128, s2) + Vectors512.Scaled(q3, quants + 192, s3)))
            - Q6KBlocksAvx2.Shift(scales, activations);
    }

    /// <summary>128 weights as numbers 0..63.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(byte* low, byte* high, out Vector512<byte> first, out Vector512<byte> second)
    {
        Vector512<byte> pairs = Vector512.Load(low), bits = Vectors512.Twice(high);
        first = (pairs & Vector512.Create((byte)15)) | ByteBits.FirstPairsToUpper(bits);
        second = ByteBits.UpperHalf(pairs) | ByteBits.LastPairsToUpper(bits);
    }

    /// <summary>Four neighbours of 16 scales, each for 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pick(Vector512<short> scales, [ConstantExpected] byte first)
    {
        Vector512<short> pick = Vector512.Create(
            0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
        return Avx512BW.PermuteVar32x16(scales, pick + Vector512.Create((short)first));
    }
}
