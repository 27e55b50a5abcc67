using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>8 floats at a time.</summary>
internal readonly unsafe struct VectorLanes256(Vector256<float> value) : IVectorLanes<VectorLanes256>
{
    private readonly Vector256<float> _value = value;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 operator +(VectorLanes256 a, VectorLanes256 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 operator -(VectorLanes256 a, VectorLanes256 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 operator *(VectorLanes256 a, VectorLanes256 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 operator /(VectorLanes256 a, VectorLanes256 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(VectorLanes256 value, float* destination) => value._value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 Create(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 MultiplyAdd(VectorLanes256 a, VectorLanes256 b, VectorLanes256 c) =>
        new(Vector256.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAddPair(
        float* factor,
        float* again,
        VectorLanes256 lower,
        VectorLanes256 upper,
        ref VectorLanes256 lowerSum,
        ref VectorLanes256 upperSum)
    {
        VectorLanes256 both = Create(*factor);
        lowerSum = MultiplyAdd(both, lower, lowerSum);
        upperSum = MultiplyAdd(both, upper, upperSum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 Max(VectorLanes256 a, VectorLanes256 b) =>
        new(Vector256.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 Min(VectorLanes256 a, VectorLanes256 b) =>
        new(Vector256.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(VectorLanes256 value) => Vector256.Sum(value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Maximum(VectorLanes256 value) => VectorLanes128.Maximum(
        new(Vector128.MaxNative(value._value.GetLower(), value._value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 SwapPairs(VectorLanes256 value) =>
        new(Vector256.Shuffle(value._value, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 PowerOfTwo(VectorLanes256 value) =>
        new(((Vector256.ConvertToInt32Native(value._value) + Vector256.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 ZeroBelow(VectorLanes256 value, VectorLanes256 x, VectorLanes256 limit) =>
        new(Vector256.AndNot(value._value, Vector256.LessThan(x._value, limit._value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WidenPairs(ushort* source, out VectorLanes256 even, out VectorLanes256 odd)
    {
        Vector256<int> pairs = Vector256.Load((int*)source);
        Vector256<int> mask = Vector256.Create(HalfFormat.WidenedMask);
        even = new((((pairs << 16) >> 3) & mask).AsSingle());
        odd = new(((pairs >> 3) & mask).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes256 LoadBytes(sbyte* source) =>
        new(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NarrowPairs(VectorLanes256 even, VectorLanes256 odd, ushort* destination) =>
        (Narrow(even._value) | (Narrow(odd._value) << 16)).Store((int*)destination);

    private static Vector256<int> Narrow(Vector256<float> value)
    {
        Vector256<int> sign = (value.AsInt32() >>> 16) & Vector256.Create(0x8000);
        Vector256<float> size = Vector256.MinNumber(Vector256.Abs(value), Vector256.Create(HalfFormat.Greatest));
        Vector256<int> bits = size.AsInt32();
        Vector256<int> odd = (bits >>> 13) & Vector256<int>.One;
        Vector256<int> normal = (bits + odd - Vector256.Create(HalfFormat.NarrowBias)) >>> 13;
        Vector256<float> rounded = size + Vector256.Create(HalfFormat.SubnormalRounder);
        Vector256<int> small = rounded.AsInt32() - Vector256.Create(HalfFormat.SubnormalRounderBits);
        Vector256<int> isSmall = Vector256.LessThan(size, Vector256.Create(HalfFormat.SmallestNormal)).AsInt32();
        return Vector256.ConditionalSelect(isSmall, small, normal) | sign;
    }
}
