using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q4_K blocks with activations on AVX2.</summary>
internal readonly unsafe struct Q4KBlocksAvx2 : IFourBlocks
{
    public static int BlockBytes => Q4KBlock.Bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourProducts Multiply(in Four<byte> weights, in Four<Q8KBlock> activations, byte* scratch)
    {
        Q4KBlock* w0 = (Q4KBlock*)weights.At0, w1 = (Q4KBlock*)weights.At1;
        Q4KBlock* w2 = (Q4KBlock*)weights.At2, w3 = (Q4KBlock*)weights.At3;
        Q8KBlock* a0 = activations.At0, a1 = activations.At1, a2 = activations.At2, a3 = activations.At3;
        var scales = new Q4KFourScales(w0, w1, w2, w3);
        var wide = (int*)scratch;
        Spread(scales.Scales01, wide);
        Spread(scales.Scales23, wide + 16);
        Vector256<int> integers = BlockFold.Fold(
            Products(w0->Quants, a0->Quants, wide),
            Products(w1->Quants, a1->Quants, wide + 8),
            Products(w2->Quants, a2->Quants, wide + 16),
            Products(w3->Quants, a3->Quants, wide + 24),
            Minimums(scales.Minimums01, a0, a1),
            Minimums(scales.Minimums23, a2, a3));
        Vector256<float> factors = HalfBits.ToSingle(Avx2.ConvertToVector256Int32(scales.Halves).AsUInt32())
            * BlockFold.Spread(a0->Scale, a1->Scale, a2->Scale, a3->Scale);
        return new(integers, factors);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Finish(Vector256<float> sums) => sums - Avx.Permute(sums, 0b_11_11_01_01);

    /// <summary>Scales of two blocks, each twice as 16 bits in a word: to be broadcast from memory, which takes no
    /// shuffle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector128<byte> scales, int* words)
    {
        const byte None = 0x80;
        Vector256<byte> both = Vector256.Create(scales, scales);
        Vector256<byte> first = Vector256.Create(
            0, None, 0, None, 1, None, 1, None, 2, None, 2, None, 3, None, 3, None,
            4, None, 4, None, 5, None, 5, None, 6, None, 6, None, 7, None, 7, None);
        Avx2.Shuffle(both, first).AsInt32().StoreAligned(words);
        Avx2.Shuffle(both, first + Vector256.Create((byte)8)).AsInt32().StoreAligned(words + 8);
    }

    /// <summary>Two blocks' minimums times the sums of activations, 4 parts each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Minimums(Vector128<byte> minimums, Q8KBlock* first, Q8KBlock* second) =>
        Avx2.MultiplyAddAdjacent(
            Avx2.ConvertToVector256Int16(minimums),
            Vector128.Load(first->Sums32).ToVector256Unsafe().WithUpper(Vector128.Load(second->Sums32)));

    /// <summary>A block's products with their scales in 8 parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(byte* quants, sbyte* activations, int* scales) =>
        (Chunk(quants, activations, scales) + Chunk(quants + 32, activations + 64, scales + 2))
            + (Chunk(quants + 64, activations + 128, scales + 4) + Chunk(quants + 96, activations + 192, scales + 6));

    /// <summary>Two sub-blocks: the low halves of 32 bytes, then the high ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Chunk(byte* quants, sbyte* activations, int* scales)
    {
        Vector256<byte> pairs = Vector256.Load(quants);
        return Vectors256.Scaled(pairs & Vector256.Create((byte)15), activations, Broadcast(scales))
            + Vectors256.Scaled(ByteBits.UpperHalf(pairs), activations + 32, Broadcast(scales + 1));

        static Vector256<short> Broadcast(int* scale) => Avx2.BroadcastScalarToVector256(scale).AsInt16();
    }
}
