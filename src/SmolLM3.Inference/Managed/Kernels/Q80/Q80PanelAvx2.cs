using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>
/// One block of 8 Q8_0 rows, a lane a row. Vectors of 32 bytes:
/// <code>
/// 0..15   2 quants as 16 bits: vector i has the weights 2i and 2i+1
/// 16      the block's scale as float
/// </code>
/// </summary>
internal static unsafe class Q80PanelAvx2
{
    public const int BlockScale = 16 * 32;
    public const int Rows = 8;
    public const int Bytes = BlockScale + 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* weights, long rowBytes, byte* panel)
    {
        var transpose = new Transpose8(weights, rowBytes);
        DecodeQuants(transpose, sizeof(ushort), panel);
        DecodeQuants(transpose, sizeof(ushort) + 16, panel + 8 * 32);
        transpose.Read(0, out Vector256<uint> first, out _, out _, out _);
        HalfBits.ToSingle(first & Vector256.Create(0xffffu)).StoreAligned((float*)(panel + BlockScale));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeQuants(Transpose8 transpose, long offset, byte* destination)
    {
        transpose.Read(
            offset,
            out Vector256<uint> quants0,
            out Vector256<uint> quants4,
            out Vector256<uint> quants8,
            out Vector256<uint> quants12);
        Spread(quants0, destination);
        Spread(quants4, destination + 64);
        Spread(quants8, destination + 128);
        Spread(quants12, destination + 192);
    }

    /// <summary>4 signed bytes become 2 + 2 signed 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector256<uint> quants, byte* destination)
    {
        Vector256<uint> even = ((quants.AsInt16() << 8) >> 8).AsUInt32();
        Vector256<uint> odd = (quants.AsInt16() >> 8).AsUInt32();
        Vector256<uint> low = Vector256.Create(0xffffu);
        ((even & low) | (odd << 16)).StoreAligned((uint*)destination);
        ((even >> 16) | (odd & ~low)).StoreAligned((uint*)(destination + 32));
    }
}
