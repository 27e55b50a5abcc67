using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// One block of 16 Q4_K rows, a lane a row. Vectors of 64 bytes:
/// <code>
///  0..63   4 quants as bytes: vector i has the weights 4i..4i+3
/// 64..71   the scale of sub-block i, twice, as 16 bits
/// 72..75   the minimums of the sub-blocks 2i and 2i+1 as 16 bits
/// 76, 77   the block's scale and minimum as floats
/// </code>
/// </summary>
internal static unsafe class Q4KPanelAvx512
{
    public const int Scales = 64 * 64;
    public const int Minimums = Scales + 8 * 64;
    public const int BlockScale = Minimums + 4 * 64;
    public const int BlockMinimum = BlockScale + 64;
    public const int Rows = 16;
    public const int Bytes = BlockMinimum + 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* weights, long rowBytes, byte* panel)
    {
        var transpose = new Transpose16(weights, rowBytes);
        transpose.Read(
            0,
            out Vector512<uint> halves,
            out Vector512<uint> scales0,
            out Vector512<uint> scales4,
            out Vector512<uint> scales8);
        HalfBits.ToSingle(halves & Vector512.Create(0xffffu)).StoreAligned((float*)(panel + BlockScale));
        HalfBits.ToSingle(halves >> 16).StoreAligned((float*)(panel + BlockMinimum));
        var scales = new Q4KScalesAvx512(scales0, scales4, scales8);
        SpreadScales(scales.Scales0, panel + Scales);
        SpreadScales(scales.Scales4, panel + Scales + 4 * 64);
        SpreadMinimums(scales.Minimums0, panel + Minimums);
        SpreadMinimums(scales.Minimums4, panel + Minimums + 2 * 64);

        for (int offset = 16; offset < Q4KBlock.Bytes; offset += 32, panel += 16 * 64)
        {
            DecodeQuants(transpose, offset, panel);
            DecodeQuants(transpose, offset + 16, panel + 4 * 64);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeQuants(Transpose16 transpose, long offset, byte* destination)
    {
        transpose.Read(
            offset,
            out Vector512<uint> pairs0,
            out Vector512<uint> pairs4,
            out Vector512<uint> pairs8,
            out Vector512<uint> pairs12);
        Spread(pairs0, destination);
        Spread(pairs4, destination + 64);
        Spread(pairs8, destination + 128);
        Spread(pairs12, destination + 192);
    }

    /// <summary>Low halves go to this sub-block, high ones to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector512<uint> pairs, byte* destination)
    {
        Vector512<uint> nibble = Vector512.Create(0x0f0f0f0fu);
        (pairs & nibble).StoreAligned((uint*)destination);
        ((pairs >> 4) & nibble).StoreAligned((uint*)(destination + 8 * 64));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadScales(Vector512<uint> bytes, byte* destination)
    {
        for (int i = 0; i < 4; i++, bytes >>= 8, destination += 64)
        {
            Vector512<uint> scale = bytes & Vector512.Create(0xffu);
            (scale | (scale << 16)).StoreAligned((uint*)destination);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadMinimums(Vector512<uint> bytes, byte* destination)
    {
        for (int i = 0; i < 2; i++, bytes >>= 16, destination += 64)
        {
            Vector512<uint> low = bytes & Vector512.Create(0xffu);
            Vector512<uint> high = (bytes << 8) & Vector512.Create(0xff0000u);
            (low | high).StoreAligned((uint*)destination);
        }
    }
}
