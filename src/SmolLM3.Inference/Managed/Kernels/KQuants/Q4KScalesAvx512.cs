using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary><see cref="Q4KScales"/> of a block of sixteen rows: a lane has four of a row, one byte each.</summary>
internal readonly struct Q4KScalesAvx512
{
    /// <summary>Scales of the sub-blocks 0..3.</summary>
    public readonly Vector512<uint> Scales0;

    /// <summary>Scales of the sub-blocks 4..7.</summary>
    public readonly Vector512<uint> Scales4;

    /// <summary>Minimums of the sub-blocks 0..3.</summary>
    public readonly Vector512<uint> Minimums0;

    /// <summary>Minimums of the sub-blocks 4..7.</summary>
    public readonly Vector512<uint> Minimums4;

    /// <summary>From the three words of 32 bits in which they are packed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Q4KScalesAvx512(Vector512<uint> first, Vector512<uint> second, Vector512<uint> third)
    {
        Vector512<uint> six = Vector512.Create(0x3f3f3f3fu);
        Vector512<uint> four = Vector512.Create(0x0f0f0f0fu);
        Vector512<uint> two = Vector512.Create(0x30303030u);
        Scales0 = first & six;
        Scales4 = (third & four) | ((first >> 2) & two);
        Minimums0 = second & six;
        Minimums4 = ((third >> 4) & four) | ((second >> 2) & two);
    }

    /// <summary>The first of four, twice, as 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> First(Vector512<uint> four) => Avx512BW.Shuffle(four.AsByte(), Vector512.Create(
        0x8000_8000, 0x8004_8004, 0x8008_8008, 0x800c_800c,
        0x8000_8000, 0x8004_8004, 0x8008_8008, 0x800c_800c,
        0x8000_8000, 0x8004_8004, 0x8008_8008, 0x800c_800c,
        0x8000_8000, 0x8004_8004, 0x8008_8008, 0x800c_800c).AsByte()).AsInt16();

    /// <summary>The second of four, twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Second(Vector512<uint> four) => Avx512BW.Shuffle(four.AsByte(), Vector512.Create(
        0x8001_8001, 0x8005_8005, 0x8009_8009, 0x800d_800d,
        0x8001_8001, 0x8005_8005, 0x8009_8009, 0x800d_800d,
        0x8001_8001, 0x8005_8005, 0x8009_8009, 0x800d_800d,
        0x8001_8001, 0x8005_8005, 0x8009_8009, 0x800d_800d).AsByte()).AsInt16();

    /// <summary>The first two of four as 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> FirstPair(Vector512<uint> four) => Avx512BW.Shuffle(four.AsByte(), Vector512.Create(
        0x8001_8000, 0x8005_8004, 0x8009_8008, 0x800d_800c,
        0x8001_8000, 0x8005_8004, 0x8009_8008, 0x800d_800c,
        0x8001_8000, 0x8005_8004, 0x8009_8008, 0x800d_800c,
        0x8001_8000, 0x8005_8004, 0x8009_8008, 0x800d_800c).AsByte()).AsInt16();

    /// <summary>The last two of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> SecondPair(Vector512<uint> four) => Avx512BW.Shuffle(four.AsByte(), Vector512.Create(
        0x8003_8002, 0x8007_8006, 0x800b_800a, 0x800f_800e,
        0x8003_8002, 0x8007_8006, 0x800b_800a, 0x800f_800e,
        0x8003_8002, 0x8007_8006, 0x800b_800a, 0x800f_800e,
        0x8003_8002, 0x8007_8006, 0x800b_800a, 0x800f_800e).AsByte()).AsInt16();
}
