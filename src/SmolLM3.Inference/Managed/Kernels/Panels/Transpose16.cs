using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>Turns 16 bytes of 16 rows into four vectors: a lane of 4 neighbouring bytes for each row.</summary>
internal readonly unsafe struct Transpose16
{
    private readonly byte* _row0;
    private readonly byte* _row4;
    private readonly byte* _row8;
    private readonly byte* _row12;
    private readonly long _stride;

    /// <param name="first">The first of 16 rows.</param>
    /// <param name="stride">Bytes from row to row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Transpose16(byte* first, long stride)
    {
        _row0 = first;
        _row4 = first + 4 * stride;
        _row8 = first + 8 * stride;
        _row12 = first + 12 * stride;
        _stride = stride;
    }

    /// <summary>Takes the 16 bytes at <paramref name="offset"/> of every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(
        long offset,
        out Vector512<uint> bytes0,
        out Vector512<uint> bytes4,
        out Vector512<uint> bytes8,
        out Vector512<uint> bytes12)
    {
        Vector512<uint> a = EveryFourth(offset);
        Vector512<uint> b = EveryFourth(offset + _stride);
        Vector512<uint> c = EveryFourth(offset + 2 * _stride);
        Vector512<uint> d = EveryFourth(offset + 3 * _stride);
        Vector512<ulong> abLow = Avx512F.UnpackLow(a, b).AsUInt64();
        Vector512<ulong> abHigh = Avx512F.UnpackHigh(a, b).AsUInt64();
        Vector512<ulong> cdLow = Avx512F.UnpackLow(c, d).AsUInt64();
        Vector512<ulong> cdHigh = Avx512F.UnpackHigh(c, d).AsUInt64();
        bytes0 = Avx512F.UnpackLow(abLow, cdLow).AsUInt32();
        bytes4 = Avx512F.UnpackHigh(abLow, cdLow).AsUInt32();
        bytes8 = Avx512F.UnpackLow(abHigh, cdHigh).AsUInt32();
        bytes12 = Avx512F.UnpackHigh(abHigh, cdHigh).AsUInt32();
    }

    /// <summary>
    /// 16 bytes of every fourth row: unpacking works within 128 bits and then leaves the rows in order. Inserted one by
    /// one, because Vector512.Create(lower, upper) is slow in .NET 10.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<uint> EveryFourth(long offset)
    {
        Vector256<byte> lower = Vector128.Load(_row0 + offset).ToVector256Unsafe()
            .WithUpper(Vector128.Load(_row4 + offset));
        Vector256<byte> upper = Vector128.Load(_row8 + offset).ToVector256Unsafe()
            .WithUpper(Vector128.Load(_row12 + offset));
        return lower.ToVector512Unsafe().WithUpper(upper).AsUInt32();
    }
}
