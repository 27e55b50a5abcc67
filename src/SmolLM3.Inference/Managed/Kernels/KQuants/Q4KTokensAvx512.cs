using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>A Q4_K block for four tokens on AVX-512: 32 bytes of weights fill a vector, low halves first, as the
/// activations stand.</summary>
internal readonly unsafe struct Q4KTokensAvx512 : IFourTokens<Q4KTokensAvx512>
{
    private readonly Vector512<byte> _scales;
    private readonly Vector128<byte> _minimums;
    private readonly Vector256<float> _factors;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Q4KTokensAvx512(Q4KBlock* block)
    {
        var packed = new Q4KScales(block->Scales);
        _scales = Vector512.Create(packed.Scales).AsByte();
        _minimums = Vector128.Create(packed.Minimums).AsByte();
        _factors = Q4KTokensAvx2.FactorsOf(block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Q4KTokensAvx512 Prepare(byte* weights) => new((Q4KBlock*)weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourProducts Multiply(in Q4KTokensAvx512 block, byte* weights, in Four<Q8KBlock> activations)
    {
        byte* quants = ((Q4KBlock*)weights)->Quants;
        Q8KBlock* a0 = activations.At0, a1 = activations.At1, a2 = activations.At2, a3 = activations.At3;
        Vector512<byte> q0 = Load(quants), q1 = Load(quants + 32), q2 = Load(quants + 64), q3 = Load(quants + 96);
        Vector512<short> s0 = Pick0(block._scales), s1 = Pick1(block._scales);
        Vector512<short> s2 = Pick2(block._scales), s3 = Pick3(block._scales);
        Vector256<int> integers = BlockFold.Fold(
            Sum(q0, q1, q2, q3, s0, s1, s2, s3, a0->Quants),
            Sum(q0, q1, q2, q3, s0, s1, s2, s3, a1->Quants),
            Sum(q0, q1, q2, q3, s0, s1, s2, s3, a2->Quants),
            Sum(q0, q1, q2, q3, s0, s1, s2, s3, a3->Quants),
            Q4KBlocksAvx2.Minimums(block._minimums, a0, a1),
            Q4KBlocksAvx2.Minimums(block._minimums, a2, a3));
        return new(integers, block._factors * BlockFold.Spread(a0->Scale, a1->Scale, a2->Scale, a3->Scale));
    }

    /// <summary>A block's products with their scales in 8 parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sum(
        Vector512<byte> q0, Vector512<byte> q1, Vector512<byte> q2, Vector512<byte> q3,
        Vector512<short> s0, Vector512<short> s1, Vector512<short> s2, Vector512<short> s3,
        sbyte* activations) => Vectors512.Halve(
            (Vectors512.Scaled(q0, activations, s0) + Vectors512.Scaled(q1, activations + 64, s1))
            + (Vectors512.Scaled(q2, activations + 128, s2) + Vectors512.Scaled(q3, activations + 192, s3)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Load(byte* quants) => ByteBits.LowThenUpperHalf(Vectors512.Twice(quants));

    // Of 8 bytes one for the lower 256 bits and the next for the upper, widened to 16 bits. Written out, since the
    // compiler keeps only whole constants out of the loop.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pick0(Vector512<byte> scales) => Avx512BW.Shuffle(scales, Vector512.Create(
        0x8000_8000_8000_8000, 0x8000_8000_8000_8000, 0x8000_8000_8000_8000, 0x8000_8000_8000_8000,
        0x8001_8001_8001_8001, 0x8001_8001_8001_8001, 0x8001_8001_8001_8001, 0x8001_8001_8001_8001).AsByte()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pick1(Vector512<byte> scales) => Avx512BW.Shuffle(scales, Vector512.Create(
        0x8002_8002_8002_8002, 0x8002_8002_8002_8002, 0x8002_8002_8002_8002, 0x8002_8002_8002_8002,
        0x8003_8003_8003_8003, 0x8003_8003_8003_8003, 0x8003_8003_8003_8003, 0x8003_8003_8003_8003).AsByte()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pick2(Vector512<byte> scales) => Avx512BW.Shuffle(scales, Vector512.Create(
        0x8004_8004_8004_8004, 0x8004_8004_8004_8004, 0x8004_8004_8004_8004, 0x8004_8004_8004_8004,
        0x8005_8005_8005_8005, 0x8005_8005_8005_8005, 0x8005_8005_8005_8005, 0x8005_8005_8005_8005).AsByte()).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pick3(Vector512<byte> scales) => Avx512BW.Shuffle(scales, Vector512.Create(
        0x8006_8006_8006_8006, 0x8006_8006_8006_8006, 0x8006_8006_8006_8006, 0x8006_8006_8006_8006,
        0x8007_8007_8007_8007, 0x8007_8007_8007_8007, 0x8007_8007_8007_8007, 0x8007_8007_8007_8007).AsByte()).AsInt16();
}
