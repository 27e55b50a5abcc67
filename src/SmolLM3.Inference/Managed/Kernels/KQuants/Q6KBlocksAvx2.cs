using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q6_K blocks with activations on AVX2.</summary>
internal readonly unsafe struct Q6KBlocksAvx2 : IFourBlocks
{
    public static int BlockBytes => Q6KBlock.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourProducts Multiply(in Four<byte> weights, in Four<Q8KBlock> activations, byte* scratch)
    {
        Q6KBlock* w0 = (Q6KBlock*)weights.At0, w1 = (Q6KBlock*)weights.At1;
        Q6KBlock* w2 = (Q6KBlock*)weights.At2, w3 = (Q6KBlock*)weights.At3;
        Vector256<int> integers = BlockFold.Fold(
            Products(w0, activations.At0),
            Products(w1, activations.At1),
            Products(w2, activations.At2),
            Products(w3, activations.At3));
        return new(integers, Factors(weights, activations));
    }

    /// <summary>The scales of four blocks times those of their activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Factors(in Four<byte> weights, in Four<Q8KBlock> activations)
    {
        ushort s0 = ((Q6KBlock*)weights.At0)->Scale, s1 = ((Q6KBlock*)weights.At1)->Scale;
        ushort s2 = ((Q6KBlock*)weights.At2)->Scale, s3 = ((Q6KBlock*)weights.At3)->Scale;
        return HalfBits.ToSingle(Avx2.ConvertToVector256Int32(Vector128.Create(s0, 0, s2, 0, s1, 0, s3, 0)).AsUInt32())
            * BlockFold.Spread(
                activations.At0->Scale, activations.At1->Scale, activations.At2->Scale, activations.At3->Scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Finish(Vector256<float> sums) => sums;

    /// <summary>A block's products with their scales in 8 parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(Q6KBlock* block, Q8KBlock* activations)
    {
        Vector256<short> scales = Avx2.ConvertToVector256Int16(Vector128.Load(block->Scales));
        return Half(block->Low, block->High, activations->Quants, First(scales))
            + Half(block->Low + 64, block->High + 32, activations->Quants + 128, Second(scales))
            - Shift(scales, activations);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Half(byte* low, byte* high, sbyte* activations, Vector256<byte> scales) =>
        new Q6KHalfAvx2(low, high).Multiply(
            activations, Pick(scales, 0), Pick(scales, 2), Pick(scales, 4), Pick(scales, 6));

    /// <summary>Quants are taken as 0..63; they mean -32..31.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Shift(Vector256<short> scales, Q8KBlock* activations) =>
        Avx2.MultiplyAddAdjacent(scales, Vector256.Load(activations->Sums16)) << 5;

    // The halves of a vector of scales serve the halves of the block.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> First(Vector256<short> scales) =>
        Avx2.Permute2x128(scales, scales, 0x00).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Second(Vector256<short> scales) =>
        Avx2.Permute2x128(scales, scales, 0x11).AsByte();

    /// <summary>Two neighbours of 8 scales, each for 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Pick(Vector256<byte> scales, byte group)
    {
        Vector256<byte> pick = Vector256.Create(
            Vector128.Create((ushort)((2 * group + 1) << 8 | (2 * group))),
            Vector128.Create((ushort)((2 * group + 3) << 8 | (2 * group + 2)))).AsByte();
        return Avx2.Shuffle(scales, pick).AsInt16();
    }
}
