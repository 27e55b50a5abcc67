using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>Turns 16 bytes of 8 rows into four vectors: a lane of 4 neighbouring bytes for each row.</summary>
internal readonly unsafe struct Transpose8
{
    private readonly byte* _row0;
    private readonly byte* _row4;
    private readonly long _stride;

    /// <param name="first">The first of 8 rows.</param>
    /// <param name="stride">Bytes from row to row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Transpose8(byte* first, long stride)
    {
        _row0 = first;
        _row4 = first + 4 * stride;
        _stride = stride;
    }

    /// <summary>Takes the 16 bytes at <paramref name="offset"/> of every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(
        long offset,
        out Vector256<uint> bytes0,
        out Vector256<uint> bytes4,
        out Vector256<uint> bytes8,
        out Vector256<uint> bytes12)
    {
        Vector256<uint> a = EveryFourth(offset);
        Vector256<uint> b = EveryFourth(offset + _stride);
        Vector256<uint> c = EveryFourth(offset + 2 * _stride);
        Vector256<uint> d = EveryFourth(offset + 3 * _stride);
        Vector256<ulong> abLow = Avx2.UnpackLow(a, b).AsUInt64();
        Vector256<ulong> abHigh = Avx2.UnpackHigh(a, b).AsUInt64();
        Vector256<ulong> cdLow = Avx2.UnpackLow(c, d).AsUInt64();
        Vector256<ulong> cdHigh = Avx2.UnpackHigh(c, d).AsUInt64();
        bytes0 = Avx2.UnpackLow(abLow, cdLow).AsUInt32();
        bytes4 = Avx2.UnpackHigh(abLow, cdLow).AsUInt32();
        bytes8 = Avx2.UnpackLow(abHigh, cdHigh).AsUInt32();
        bytes12 = Avx2.UnpackHigh(abHigh, cdHigh).AsUInt32();
    }

    /// <summary>
    /// 16 bytes of every fourth row: unpacking works within 128 bits and then leaves the rows in order.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<uint> EveryFourth(long offset) => Vector128.Load(_row0 + offset).ToVector256Unsafe()
        .WithUpper(Vector128.Load(_row4 + offset)).AsUInt32();
}
