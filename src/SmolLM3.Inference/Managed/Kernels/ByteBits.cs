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

    /// <summary>Two neighbouring bits of each byte as the bits 4 and 5, as for 32 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> PairToUpper(Vector512<byte> bytes, [ConstantExpected] int first)
    {
        if (Gfni.V512.IsSupported && first != 4)
        {
            ulong moved = first < 4 ? Identity >> (8 * (4 - first)) : Identity << (8 * (first - 4));
            return Gfni.V512.GaloisFieldAffineTransform(
                bytes, Vector512.Create(moved & Pair).AsByte(), 0);
        }

        Vector512<ushort> wide = bytes.AsUInt16();
        Vector512<ushort> shifted = first < 4 ? wide << (4 - first) : wide >> (first - 4);
        return shifted.AsByte() & Vector512.Create((byte)0x30);
    }
}
