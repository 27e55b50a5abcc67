using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>
/// One block of 16 Q8_0 rows, a lane a row. Vectors of 64 bytes:
/// <code>
/// 0..15   2 quants as 16 bits: vector i has the weights 2i and 2i+1
/// 16      the block's scale as float
/// </code>
/// </summary>
internal static unsafe class Q80PanelAvx512
{
    public const int BlockScale = 16 * 64;
    public const int Rows = 16;
    public const int Bytes = BlockScale + 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* weights, long rowBytes, byte* panel)
    {
        var transpose = new Transpose16(weights, rowBytes);
        DecodeQuants(transpose, sizeof(ushort), panel);
        DecodeQuants(transpose, sizeof(ushort) + 16, panel + 8 * 64);
        transpose.Read(0, out Vector512<uint> first, out _, out _, out _);
        HalfBits.ToSingle(first & Vector512.Create(0xffffu)).StoreAligned((float*)(panel + BlockScale));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeQuants(Transpose16 transpose, long offset, byte* destination)
    {
        transpose.Read(
            offset,
            out Vector512<uint> quants0,
            out Vector512<uint> quants4,
            out Vector512<uint> quants8,
            out Vector512<uint> quants12);
        Spread(quants0, destination);
        Spread(quants4, destination + 128);
        Spread(quants8, destination + 256);
        Spread(quants12, destination + 384);
    }

    /// <summary>4 signed bytes become 2 + 2 signed 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(Vector512<uint> quants, byte* destination)
    {
        Vector512<uint> even = ((quants.AsInt16() << 8) >> 8).AsUInt32();
        Vector512<uint> odd = (quants.AsInt16() >> 8).AsUInt32();
        Vector512<uint> low = Vector512.Create(0xffffu);
        ((even & low) | (odd << 16)).StoreAligned((uint*)destination);
        ((even >> 16) | (odd & ~low)).StoreAligned((uint*)(destination + 64));
    }
}
