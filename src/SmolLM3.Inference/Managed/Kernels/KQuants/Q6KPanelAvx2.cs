using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// One block of 8 Q6_K rows, a lane a row. Vectors of 32 bytes:
/// <code>
///  0..63   4 quants (0..63, 32 too many) as bytes: vector i has the weights 4i..4i+3
/// 64..79   the scale of group i, twice, as 16 bits
/// 80..87   the scales of the groups 2i and 2i+1 as 16 bits
/// 88       the block's scale as float
/// </code>
/// </summary>
internal static unsafe class Q6KPanelAvx2
{
    public const int Scales = 64 * 32;
    public const int ScalePairs = Scales + 16 * 32;
    public const int BlockScale = ScalePairs + 8 * 32;
    public const int Rows = 8;
    public const int Bytes = BlockScale + 32;

    private const int HighOffset = 128;
    private const int ScalesOffset = 192;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* weights, long rowBytes, byte* panel)
    {
        var transpose = new Transpose8(weights, rowBytes);
        DecodeScales(transpose, panel);
        for (int half = 0; half < 2; half++)
        {
            byte* destination = panel + half * 32 * 32;
            DecodeQuants(transpose, half * 64, HighOffset + half * 32, destination);
            DecodeQuants(transpose, half * 64 + 16, HighOffset + half * 32 + 16, destination + 4 * 32);
        }
    }

    /// <summary>16 bytes of upper bits belong to 16 + 16 bytes of lower ones, 32 bytes apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeQuants(Transpose8 transpose, long low, long high, byte* destination)
    {
        transpose.Read(
            high,
            out Vector256<uint> high0,
            out Vector256<uint> high4,
            out Vector256<uint> high8,
            out Vector256<uint> high12);
        transpose.Read(
            low,
            out Vector256<uint> low0,
            out Vector256<uint> low4,
            out Vector256<uint> low8,
            out Vector256<uint> low12);
        Spread(low0, high0 << 4, high0, destination);
        Spread(low4, high4 << 4, high4, destination + 32);
        Spread(low8, high8 << 4, high8, destination + 64);
        Spread(low12, high12 << 4, high12, destination + 96);
        transpose.Read(low + 32, out low0, out low4, out low8, out low12);
        destination += 8 * 32;
        Spread(low0, high0 << 2, high0 >> 2, destination);
        Spread(low4, high4 << 2, high4 >> 2, destination + 32);
        Spread(low8, high8 << 2, high8 >> 2, destination + 64);
        Spread(low12, high12 << 2, high12 >> 2, destination + 96);
    }

    /// <summary>
    /// Low halves go to this 32, high ones to the 32 after the next; bits 4 and 5 come from the others.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(
        Vector256<uint> pairs, Vector256<uint> firstBits, Vector256<uint> secondBits, byte* destination)
    {
        Vector256<uint> nibble = Vector256.Create(0x0f0f0f0fu);
        Vector256<uint> upper = Vector256.Create(0x30303030u);
        ((pairs & nibble) | (firstBits & upper)).StoreAligned((uint*)destination);
        (((pairs >> 4) & nibble) | (secondBits & upper)).StoreAligned((uint*)(destination + 16 * 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeScales(Transpose8 transpose, byte* panel)
    {
        transpose.Read(
            ScalesOffset,
            out Vector256<uint> scales0,
            out Vector256<uint> scales4,
            out Vector256<uint> scales8,
            out Vector256<uint> scales12);
        SpreadScales(scales0.AsInt32(), panel, 0);
        SpreadScales(scales4.AsInt32(), panel, 4);
        SpreadScales(scales8.AsInt32(), panel, 8);
        SpreadScales(scales12.AsInt32(), panel, 12);

        // The block's scale is the end of the block: the upper half of the last 4 bytes.
        transpose.Read(Q6KBlock.Bytes - 16, out _, out _, out _, out Vector256<uint> last);
        HalfBits.ToSingle(last >> 16).StoreAligned((float*)(panel + BlockScale));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadScales(Vector256<int> bytes, byte* panel, int group)
    {
        Vector256<int> scale0 = (bytes << 24) >> 24;
        Vector256<int> scale1 = (bytes << 16) >> 24;
        Vector256<int> scale2 = (bytes << 8) >> 24;
        Vector256<int> scale3 = bytes >> 24;
        byte* scales = panel + Scales + group * 32;
        Pair(scale0, scale0, scales);
        Pair(scale1, scale1, scales + 32);
        Pair(scale2, scale2, scales + 64);
        Pair(scale3, scale3, scales + 96);
        byte* pairs = panel + ScalePairs + group * 16;
        Pair(scale0, scale1, pairs);
        Pair(scale2, scale3, pairs + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(Vector256<int> low, Vector256<int> high, byte* destination) =>
        ((low & Vector256.Create(0xffff)) | (high << 16)).StoreAligned((int*)destination);
}
