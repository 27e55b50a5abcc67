using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>A Q4_K block for four tokens on AVX2.</summary>
internal readonly unsafe struct Q4KTokensAvx2 : IFourTokens<Q4KTokensAvx2>
{
    private readonly Vector256<byte> _scales;
    private readonly Vector128<byte> _minimums;
    private readonly Vector256<float> _factors;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Q4KTokensAvx2(Q4KBlock* block)
    {
        var packed = new Q4KScales(block->Scales);
        _scales = Vector256.Create(packed.Scales).AsByte();
        _minimums = Vector128.Create(packed.Minimums).AsByte();
        _factors = FactorsOf(block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Q4KTokensAvx2 Prepare(byte* weights) => new((Q4KBlock*)weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourProducts Multiply(in Q4KTokensAvx2 block, byte* weights, in Four<Q8KBlock> activations)
    {
        Q8KBlock* a0 = activations.At0, a1 = activations.At1, a2 = activations.At2, a3 = activations.At3;
        Vector256<int> p0 = default, p1 = default, p2 = default, p3 = default;
        for (int part = 0; part < 4; part++)
        {
            Vector256<byte> pairs = Vector256.Load(((Q4KBlock*)weights)->Quants + (32 * part));
            Vector256<byte> low = pairs & Vector256.Create((byte)15);
            Vector256<byte> high = ByteBits.UpperHalf(pairs);
            Vector256<short> lowScale = Pick(block._scales, 2 * part);
            Vector256<short> highScale = Pick(block._scales, (2 * part) + 1);
            int at = 64 * part;
            p0 += Vectors256.Scaled(low, a0->Quants + at, lowScale)
                + Vectors256.Scaled(high, a0->Quants + at + 32, highScale);
            p1 += Vectors256.Scaled(low, a1->Quants + at, lowScale)
                + Vectors256.Scaled(high, a1->Quants + at + 32, highScale);
            p2 += Vectors256.Scaled(low, a2->Quants + at, lowScale)
                + Vectors256.Scaled(high, a2->Quants + at + 32, highScale);
            p3 += Vectors256.Scaled(low, a3->Quants + at, lowScale)
                + Vectors256.Scaled(high, a3->Quants + at + 32, highScale);
        }

        Vector256<int> integers = BlockFold.Fold(
            p0,
            p1,
            p2,
            p3,
            Q4KBlocksAvx2.Minimums(block._minimums, a0, a1),
            Q4KBlocksAvx2.Minimums(block._minimums, a2, a3));
        return new(integers, block._factors * BlockFold.Spread(a0->Scale, a1->Scale, a2->Scale, a3->Scale));
    }

    /// <summary>Scale and minimum of a block in turn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FactorsOf(Q4KBlock* block) =>
        HalfBits.ToSingle(Vector256.Create(block->Scale | ((ulong)block->Minimum << 32)).AsUInt32());

    /// <summary>One of 8 bytes, widened to 16 bits, for all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pick(Vector256<byte> scales, int index) =>
        Avx2.Shuffle(scales, Vector256.Create((ushort)(0x8000 | index)).AsByte()).AsInt16();
}
