using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// One block of 8 Q4_K rows, a lane a row. Vectors of 32 bytes:
/// <code>
///  0..63   4 quants as bytes: vector i has the weights 4i..4i+3
/// 64..71   the scale of sub-block i, twice, as 16 bits
/// 72..75   the minimums of the sub-blocks 2i and 2i+1 as 16 bits
/// 76, 77   the block's scale and minimum as floats
/// </code>
/// </summary>
internal static unsafe class Q4KPanelAvx2
{
    public const int Scales = 64 * 32;
    public const int Minimums = Scales + 8 * 32;
    public const int BlockScale = Minimums + 4 * 32;
    public const int BlockMinimum = BlockScale + 32;
    public const int Rows = 8;
    public const int Bytes = BlockMinimum + 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* weights, long rowBytes, byte* panel)
    {
        var transpose = new Transpose8(weights, rowBytes);
        transpose.Read(
            0,
            out Vector256<uint> halves,
            out Vector256<uint> scales0,
            out Vector256<uint> scales4,
            out Vector256<uint> scales8);
        HalfBits.ToSingle(halves & Vector256.Create(0xffffu)).StoreAligned((float*)(panel + BlockScale));
        HalfBits.ToSingle(halves >> 16).StoreAligned((float*)(panel + BlockMinimum));
        DecodeScales(scales0, scales4, scales8, panel);

        for (int offset = 16; offset < Q4KBlock.Bytes; offset += 32, panel += 16 * 32)
        {
            DecodeQuants(transpose, offset, panel);
            DecodeQuants(transpose, offset + 16, panel + 4 * 32);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeQuants(Transpose8 transpose, long offset, byte* destination)
    {
        transpose.Read(
            offset,
            out Vector256<uint> pairs0,
            out Vector256<uint> pairs4,
            out Vector256<uint> pairs8,
            out Vector256<uint> pairs12);
        Spread(pairs0, destination);
        Spread(pairs4, destination + 32);
        Spread(pairs8, destination + 64);
        Spread(pairs12, destination + 96);
    }

    /// <summary>Low halves go to this sub-block, high ones to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector256<uint> pairs, byte* destination)
    {
        Vector256<uint> nibble = Vector256.Create(0x0f0f0f0fu);
        (pairs & nibble).StoreAligned((uint*)destination);
        ((pairs >> 4) & nibble).StoreAligned((uint*)(destination + 8 * 32));
    }

    /// <summary><see cref="Q4KScales"/> for 8 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeScales(
        Vector256<uint> first, Vector256<uint> second, Vector256<uint> third, byte* panel)
    {
        Vector256<uint> six = Vector256.Create(0x3f3f3f3fu);
        Vector256<uint> four = Vector256.Create(0x0f0f0f0fu);
        Vector256<uint> two = Vector256.Create(0x30303030u);
        SpreadScales(first & six, panel + Scales);
        SpreadScales((third & four) | ((first >> 2) & two), panel + Scales + 4 * 32);
        SpreadMinimums(second & six, panel + Minimums);
        SpreadMinimums(((third >> 4) & four) | ((second >> 2) & two), panel + Minimums + 2 * 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadScales(Vector256<uint> bytes, byte* destination)
    {
        for (int i = 0; i < 4; i++, bytes >>= 8, destination += 32)
        {
            Vector256<uint> scale = bytes & Vector256.Create(0xffu);
            (scale | (scale << 16)).StoreAligned((uint*)destination);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadMinimums(Vector256<uint> bytes, byte* destination)
    {
        for (int i = 0; i < 2; i++, bytes >>= 16, destination += 32)
        {
            Vector256<uint> low = bytes & Vector256.Create(0xffu);
            Vector256<uint> high = (bytes << 8) & Vector256.Create(0xff0000u);
            (low | high).StoreAligned((uint*)destination);
        }
    }
}
