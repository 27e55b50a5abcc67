using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>Moves bits inside bytes, which x86 can shift only as wider numbers.</summary>
internal static class ByteBits
{
    // In the matrix of GF2P8AFFINEQB byte 7 - i picks what becomes bit i; this one leaves all bits where they are.
    private const ulong Identity = 0x0102040810204080;

    // Bits 4 and 5 of the result.
    private const ulong Pair = 0x0000_0000_ffff_0000;

    /// <summary>The upper half of each byte as a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> UpperHalf(Vector256<byte> bytes) => Gfni.V256.IsSupported
        ? Gfni.V256.GaloisFieldAffineTransform(bytes, Vector256.Create(Identity << 32).AsByte(), 0)
        : (bytes.AsUInt16() >> 4).AsByte() & Vector256.Create((byte)15);

    /// <summary>Two neighbouring bits of each byte as the bits 4 and 5.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="first">The lower of the two bits: 0, 2, 4 or 6.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> PairToUpper(Vector256<byte> bytes, [ConstantExpected] int first)
    {
        if (Gfni.V256.IsSupported && first != 4)
        {
            ulong moved = first < 4 ? Identity >> (8 * (4 - first)) : Identity << (8 * (first - 4));
            return Gfni.V256.GaloisFieldAffineTransform(
                bytes, Vector256.Create(moved & Pair).AsByte(), 0);
        }

        Vector256<ushort> wide = bytes.AsUInt16();
        Vector256<ushort> shifted = first < 4 ? wide << (4 - first) : wide >> (first - 4);
        // What a shift brings over from the neighbouring byte is masked away.
        return shifted.AsByte() & Vector256.Create((byte)0x30);
    }

    /// <summary>The upper half of each byte as a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> UpperHalf(Vector512<byte> bytes) => Gfni.V512.IsSupported
        ? Gfni.V512.GaloisFieldAffineTransform(bytes, Vector512.Create(Identity << 32).AsByte(), 0)
        : (bytes.AsUInt16() >> 4).AsByte() & Vector512.Create((byte)15);

    /// <summary>The lower half of each of the first 32 bytes, and the upper half of each of the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LowThenUpperHalf(Vector512<byte> bytes)
    {
        const ulong Low = Identity & 0xffff_ffff_0000_0000, Upper = Identity << 32;
        return Gfni.V512.IsSupported
            ? Transform(bytes, Vector512.Create(Low, Low, Low, Low, Upper, Upper, Upper, Upper))
            : Avx512BW.ShiftRightLogicalVariable(bytes.AsUInt16(), Counts(0, 4)).AsByte() & Vector512.Create((byte)15);
    }

    /// <summary>As the bits 4 and 5: the bits 0 and 1 of the first 32 bytes, and the bits 2 and 3 of the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> FirstPairsToUpper(Vector512<byte> bytes)
    {
        const ulong First = (Identity >> 32) & Pair, Second = (Identity >> 16) & Pair;
        return Gfni.V512.IsSupported
            ? Transform(bytes, Vector512.Create(First, First, First, First, Second, Second, Second, Second))
            : Avx512BW.ShiftLeftLogicalVariable(bytes.AsUInt16(), Counts(4, 2)).AsByte() & Vector512.Create((byte)0x30);
    }

    /// <summary>As the bits 4 and 5: the bits 4 and 5 of the first 32 bytes, and the bits 6 and 7 of the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LastPairsToUpper(Vector512<byte> bytes)
    {
        const ulong Third = Identity & Pair, Fourth = (Identity << 16) & Pair;
        return Gfni.V512.IsSupported
            ? Transform(bytes, Vector512.Create(Third, Third, Third, Third, Fourth, Fourth, Fourth, Fourth))
            : Avx512BW.ShiftRightLogicalVariable(bytes.AsUInt16(), Counts(0, 2)).AsByte() & Vector512.Create((byte)0x30);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Transform(Vector512<byte> bytes, Vector512<ulong> matrices) =>
        Gfni.V512.GaloisFieldAffineTransform(bytes, matrices.AsByte(), 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Counts(ushort lower, ushort upper) =>
        Vector512.Create(Vector256.Create(lower), Vector256.Create(upper));
}
