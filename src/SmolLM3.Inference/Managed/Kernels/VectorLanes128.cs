using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>4 floats at a time.</summary>
internal readonly unsafe struct VectorLanes128(Vector128<float> value) : IVectorLanes<VectorLanes128>
{
    private readonly Vector128<float> _value = value;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 operator +(VectorLanes128 a, VectorLanes128 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 operator -(VectorLanes128 a, VectorLanes128 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 operator *(VectorLanes128 a, VectorLanes128 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 operator /(VectorLanes128 a, VectorLanes128 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(VectorLanes128 value, float* destination) => value._value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 Create(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 MultiplyAdd(VectorLanes128 a, VectorLanes128 b, VectorLanes128 c) =>
        new(Vector128.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAddPair(
        float* factor,
        float* again,
        VectorLanes128 lower,
        VectorLanes128 upper,
        ref VectorLanes128 lowerSum,
        ref VectorLanes128 upperSum)
    {
        VectorLanes128 both = Create(*factor);
        lowerSum = MultiplyAdd(both, lower, lowerSum);
        upperSum = MultiplyAdd(both, upper, upperSum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 Max(VectorLanes128 a, VectorLanes128 b) =>
        new(Vector128.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 Min(VectorLanes128 a, VectorLanes128 b) =>
        new(Vector128.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(VectorLanes128 value) => Vector128.Sum(value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Maximum(VectorLanes128 value)
    {
        Vector128<float> pairs = Vector128.MaxNative(
            value._value, Vector128.Shuffle(value._value, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(pairs, Vector128.Shuffle(pairs, Vector128.Create(1, 0, 3, 2)))[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 SwapPairs(VectorLanes128 value) =>
        new(Vector128.Shuffle(value._value, Vector128.Create(1, 0, 3, 2)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 PowerOfTwo(VectorLanes128 value) =>
        new(((Vector128.ConvertToInt32Native(value._value) + Vector128.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 ZeroBelow(VectorLanes128 value, VectorLanes128 x, VectorLanes128 limit) =>
        new(Vector128.AndNot(value._value, Vector128.LessThan(x._value, limit._value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WidenPairs(ushort* source, out VectorLanes128 even, out VectorLanes128 odd)
    {
        Vector128<int> pairs = Vector128.Load((int*)source);
        Vector128<int> mask = Vector128.Create(HalfFormat.WidenedMask);
        even = new((((pairs << 16) >> 3) & mask).AsSingle());
        odd = new(((pairs >> 3) & mask).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes128 LoadBytes(sbyte* source) =>
        new(Vector128.ConvertToSingle(Vector128.WidenLower(
            Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(int*)source).AsSByte()))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NarrowPairs(VectorLanes128 even, VectorLanes128 odd, ushort* destination) =>
        (Narrow(even._value) | (Narrow(odd._value) << 16)).Store((int*)destination);

    private static Vector128<int> Narrow(Vector128<float> value)
    {
        Vector128<int> sign = (value.AsInt32() >>> 16) & Vector128.Create(0x8000);
        Vector128<float> size = Vector128.MinNumber(Vector128.Abs(value), Vector128.Create(HalfFormat.Greatest));
        Vector128<int> bits = size.AsInt32();
        Vector128<int> odd = (bits >>> 13) & Vector128<int>.One;
        Vector128<int> normal = (bits + odd - Vector128.Create(HalfFormat.NarrowBias)) >>> 13;
        Vector128<float> rounded = size + Vector128.Create(HalfFormat.SubnormalRounder);
        Vector128<int> small = rounded.AsInt32() - Vector128.Create(HalfFormat.SubnormalRounderBits);
        Vector128<int> isSmall = Vector128.LessThan(size, Vector128.Create(HalfFormat.SmallestNormal)).AsInt32();
        return Vector128.ConditionalSelect(isSmall, small, normal) | sign;
    }
}
