using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Four Q4_K rows as they lie in memory with one row of activations.</summary>
internal static unsafe class Q4KDotAvx2
{
    /// <param name="row0">First row; with fewer than four, pass one of them again.</param>
    /// <param name="row1">Second row.</param>
    /// <param name="row2">Third row.</param>
    /// <param name="row3">Fourth row.</param>
    /// <param name="activations">The activation row.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <returns>Sum and minimum of the four rows in turn.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<float> Dot(
        Q4KBlock* row0, Q4KBlock* row1, Q4KBlock* row2, Q4KBlock* row3, Q8KBlock* activations, int blocks)
    {
        var sums = Vector256<float>.Zero;
        var next = (byte*)(row0 + 4 * blocks);
        for (Q8KBlock* end = activations + blocks; activations < end; activations++, row0++, row1++, row2++, row3++)
        {
            RowPrefetch.Prefetch(ref next, 4 * Q4KBlock.Bytes);
            Vector256<int> p0 = Products(row0, activations, out Vector128<int> m0);
            Vector256<int> p1 = Products(row1, activations, out Vector128<int> m1);
            Vector256<int> p2 = Products(row2, activations, out Vector128<int> m2);
            Vector256<int> p3 = Products(row3, activations, out Vector128<int> m3);
            Vector256<float> scales = HalfBits.ToSingle(Avx2.ConvertToVector256Int32(
                Vector128.Create(*(uint*)row0, *(uint*)row1, *(uint*)row2, *(uint*)row3).AsUInt16()).AsUInt32());
            sums += Vector256.ConvertToSingle(RowFold.Fold(p0, p1, p2, p3, m0, m1, m2, m3))
                * (scales * Vector256.Create(activations->Scale));
        }

        return sums;
    }

    /// <summary>A block's products with their scales in 8 parts, and its minimums in 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(Q4KBlock* block, Q8KBlock* activations, out Vector128<int> minimums)
    {
        var packed = new Q4KScales(block->Scales);
        minimums = Sse2.MultiplyAddAdjacent(
            Sse41.ConvertToVector128Int16(Vector128.CreateScalarUnsafe(packed.Minimums).AsByte()),
            Vector128.Load(activations->Sums32));
        Vector256<byte> scales = Vector256.Create(packed.Scales).AsByte();
        byte* quants = block->Quants;
        sbyte* a = activations->Quants;
        return (Chunk(quants, a, scales, 0) + Chunk(quants + 32, a + 64, scales, 2))
            + (Chunk(quants + 64, a + 128, scales, 4) + Chunk(quants + 96, a + 192, scales, 6));
    }

    /// <summary>Two sub-blocks: the low halves of 32 bytes, then the high ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Chunk(byte* quants, sbyte* activations, Vector256<byte> scales, byte subBlock)
    {
        Vector256<byte> nibble = Vector256.Create((byte)15);
        Vector256<byte> pairs = Vector256.Load(quants);
        return Scaled(pairs & nibble, activations, scales, subBlock)
            + Scaled((pairs.AsUInt16() >> 4).AsByte() & nibble, activations + 32, scales, (byte)(subBlock + 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Scaled(
        Vector256<byte> weights, sbyte* activations, Vector256<byte> scales, byte subBlock)
    {
        // Picks one of the 8 bytes, widened to 16 bits, for all lanes.
        Vector256<byte> pick = Vector256.Create((ushort)(0x8000 | subBlock)).AsByte();
        return Avx2.MultiplyAddAdjacent(
            Avx2.MultiplyAddAdjacent(weights, Vector256.Load(activations)), Avx2.Shuffle(scales, pick).AsInt16());
    }
}
