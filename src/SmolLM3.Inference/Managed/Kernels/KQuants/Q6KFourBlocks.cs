using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Four Q6_K blocks with one row of activations on AVX2.</summary>
internal readonly unsafe struct Q6KFourBlocks : IFourBlocks
{
    public static int BlockBytes => Q6KBlock.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourProducts Multiply(in Four<byte> weights, in Four<Q8KBlock> activations, byte* scratch)
    {
        Q6KBlock* w0 = (Q6KBlock*)weights.At0, w1 = (Q6KBlock*)weights.At1;
        Q6KBlock* w2 = (Q6KBlock*)weights.At2, w3 = (Q6KBlock*)weights.At3;
        Q8KBlock* a0 = activations.At0, a1 = activations.At1, a2 = activations.At2, a3 = activations.At3;
        Vector256<int> integers = BlockFold.Fold(
            Products(w0, a0), Products(w1, a1), Products(w2, a2), Products(w3, a3));
        Vector256<float> factors = HalfBits.ToSingle(Avx2.ConvertToVector256Int32(
                Vector128.Create(w0->Scale, 0, w2->Scale, 0, w1->Scale, 0, w3->Scale, 0)).AsUInt32())
            * BlockFold.Spread(a0->Scale, a1->Scale, a2->Scale, a3->Scale);
        return new(integers, factors);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Finish(Vector128<float> sums) => sums[0];

    /// <summary>A block's products with their scales in 8 parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(Q6KBlock* block, Q8KBlock* activations)
    {
        Vector256<short> scales = Avx2.ConvertToVector256Int16(Vector128.Load(block->Scales));
        // The halves of a vector of scales serve the halves of the block.
        Vector256<byte> first = Avx2.Permute2x128(scales, scales, 0x00).AsByte();
        Vector256<byte> second = Avx2.Permute2x128(scales, scales, 0x11).AsByte();
        Vector256<int> products = Half(block->Low, block->High, activations->Quants, first)
            + Half(block->Low + 64, block->High + 32, activations->Quants + 128, second);
        // Quants were taken as 0..63; they mean -32..31.
        return products - (Avx2.MultiplyAddAdjacent(scales, Vector256.Load(activations->Sums16)) << 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Half(byte* low, byte* high, sbyte* activations, Vector256<byte> scales)
    {
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<byte> pairs0 = Vector256.Load(low);
        Vector256<byte> pairs1 = Vector256.Load(low + 32);
        Vector256<byte> bits = Vector256.Load(high);
        Vector256<byte> q0 = (pairs0 & nibble) | ByteBits.PairToUpper(bits, 0);
        Vector256<byte> q1 = (pairs1 & nibble) | ByteBits.PairToUpper(bits, 2);
        Vector256<byte> q2 = ByteBits.UpperHalf(pairs0) | ByteBits.PairToUpper(bits, 4);
        Vector256<byte> q3 = ByteBits.UpperHalf(pairs1) | ByteBits.PairToUpper(bits, 6);
        return (Scaled(q0, activations, scales, 0) + Scaled(q1, activations + 32, scales, 2))
            + (Scaled(q2, activations + 64, scales, 4) + Scaled(q3, activations + 96, scales, 6));
    }

    /// <summary>32 weights; each group of 16 makes 8 pairs, which are 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Scaled(
        Vector256<byte> weights, sbyte* activations, Vector256<byte> scales, byte group)
    {
        Vector256<byte> pick = Vector256.Create(
            Vector128.Create((ushort)((2 * group + 1) << 8 | (2 * group))),
            Vector128.Create((ushort)((2 * group + 3) << 8 | (2 * group + 2)))).AsByte();
        return Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(weights, Vector256.Load(activations)), Avx2.Shuffle(scales, pick).AsInt16());
    }
}
