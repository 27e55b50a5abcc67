using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// Widens half-precision bits, exactly for every finite value. The conversion operator of <see cref="Half"/> is several
/// times slower; and multiplying the shifted bits by 2^112 would take subnormal floats through the multiplier, which
/// some processors do in microcode, while small Q6_K scales are subnormal halves.
/// </summary>
/// <remarks>
/// Shifted to a float's place and rebiased, the magnitude n is right for normal halves. For subnormal ones it has an
/// implicit one too many: right is 2n - 2^-14, which is less than n exactly for those. So the lesser of the two it is.
/// </remarks>
internal static class HalfBits
{
    private const uint Sign = 0x8000;
    private const uint Magnitude = 0x7fff;

    /// <summary>Bits a float's fraction is longer.</summary>
    private const int Shift = 13;

    /// <summary>127 - 15, where a float has its exponent.</summary>
    private const uint Rebias = 112u << 23;

    /// <summary>The greatest finite half; infinity and NaN are above.</summary>
    private const uint Greatest = 0x7bff;

    /// <summary>One more in the exponent takes the greatest (infinity, NaN) to 0 and the least (zero, subnormal) to 1:
    /// both are 0 without their lowest bit.</summary>
    private const ushort ExponentStep = 1 << 10;

    private const ushort ExponentButLowest = 0x7800;

    /// <summary>A float's sign, and where a half's magnitude comes to be.</summary>
    private const int SignAndShifted = unchecked((int)0x8fffe000);

    private const float TwoToMinus14 = 1f / 16384;

    /// <summary>One half, in the lower 16 bits; the upper bits are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(uint bits) => ToSingle(Vector128.CreateScalar(bits)).ToScalar();

    /// <summary>Four halves, each in the lower 16 bits of its lane; the upper bits are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToSingle(Vector128<uint> bits)
    {
        Vector128<float> normal =
            (((bits & Vector128.Create(Magnitude)) << Shift) + Vector128.Create(Rebias)).AsSingle();
        Vector128<float> subnormal = normal + normal - Vector128.Create(TwoToMinus14);
        Vector128<uint> value = Vector128.MinNative(normal, subnormal).AsUInt32();
        return (value | ((bits & Vector128.Create(Sign)) << 16)).AsSingle();
    }

    /// <summary>Eight halves, as the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector256<uint> bits)
    {
        Vector256<float> normal =
            (((bits & Vector256.Create(Magnitude)) << Shift) + Vector256.Create(Rebias)).AsSingle();
        Vector256<float> subnormal =
            Vector256.FusedMultiplyAdd(normal, Vector256.Create(2f), Vector256.Create(-TwoToMinus14));
        Vector256<uint> value = Vector256.MinNative(normal, subnormal).AsUInt32();
        return (value | ((bits & Vector256.Create(Sign)) << 16)).AsSingle();
    }

    /// <summary>Sixteen halves, as the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToSingle(Vector512<uint> bits)
    {
        Vector512<float> normal =
            (((bits & Vector512.Create(Magnitude)) << Shift) + Vector512.Create(Rebias)).AsSingle();
        Vector512<float> subnormal =
            Vector512.FusedMultiplyAdd(normal, Vector512.Create(2f), Vector512.Create(-TwoToMinus14));
        Vector512<uint> value = Vector512.MinNative(normal, subnormal).AsUInt32();
        return (value | ((bits & Vector512.Create(Sign)) << 16)).AsSingle();
    }

    /// <summary>Four halves, infinities and NaN among them. For weights as such; scales of blocks are taken to be
    /// finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToSingleOrNonFinite(Vector128<uint> bits)
    {
        Vector128<uint> magnitude = bits & Vector128.Create(Magnitude);
        Vector128<uint> rest = Vector128.GreaterThan(magnitude, Vector128.Create(Greatest)) & Vector128.Create(Rebias);
        return (ToSingle(bits).AsUInt32() + rest).AsSingle();
    }

    /// <summary>Eight halves, as the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingleOrNonFinite(Vector256<uint> bits)
    {
        Vector256<uint> magnitude = bits & Vector256.Create(Magnitude);
        Vector256<uint> rest = Vector256.GreaterThan(magnitude, Vector256.Create(Greatest)) & Vector256.Create(Rebias);
        return (ToSingle(bits).AsUInt32() + rest).AsSingle();
    }

    /// <summary>Sixteen halves, as the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToSingleOrNonFinite(Vector512<uint> bits)
    {
        Vector512<uint> magnitude = bits & Vector512.Create(Magnitude);
        Vector512<uint> rest = Vector512.GreaterThan(magnitude, Vector512.Create(Greatest)) & Vector512.Create(Rebias);
        return (ToSingle(bits).AsUInt32() + rest).AsSingle();
    }

    /// <summary>Whether none is zero, subnormal, infinite or NaN: then <see cref="NormalToSingle(Vector256{int})"/>
    /// widens them, in half the operations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllNormal(Vector256<ushort> bits) =>
        !Vector256.EqualsAny(
            (bits + Vector256.Create(ExponentStep)) & Vector256.Create(ExponentButLowest), Vector256<ushort>.Zero);

    /// <summary>As for sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllNormal(Vector512<ushort> bits) =>
        !Vector512.EqualsAny(
            (bits + Vector512.Create(ExponentStep)) & Vector512.Create(ExponentButLowest), Vector512<ushort>.Zero);

    /// <summary>Eight normal halves, each with its sign in the upper 17 bits of its lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> NormalToSingle(Vector256<int> bits) =>
        (((bits << Shift) & Vector256.Create(SignAndShifted)) + Vector256.Create((int)Rebias)).AsSingle();

    /// <summary>Sixteen, as the eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> NormalToSingle(Vector512<int> bits) =>
        (((bits << Shift) & Vector512.Create(SignAndShifted)) + Vector512.Create((int)Rebias)).AsSingle();
}
