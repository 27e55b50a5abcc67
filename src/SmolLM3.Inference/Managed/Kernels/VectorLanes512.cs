using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>16 floats at a time.</summary>
internal readonly unsafe struct VectorLanes512(Vector512<float> value) : IVectorLanes<VectorLanes512>
{
    private readonly Vector512<float> _value = value;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 operator +(VectorLanes512 a, VectorLanes512 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 operator -(VectorLanes512 a, VectorLanes512 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 operator *(VectorLanes512 a, VectorLanes512 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 operator /(VectorLanes512 a, VectorLanes512 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(VectorLanes512 value, float* destination) => value._value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 MultiplyAdd(VectorLanes512 a, VectorLanes512 b, VectorLanes512 c) =>
        new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAddPair(
        float* factor,
        float* again,
        VectorLanes512 lower,
        VectorLanes512 upper,
        ref VectorLanes512 lowerSum,
        ref VectorLanes512 upperSum)
    {
        lowerSum = new(Vector512.FusedMultiplyAdd(lower._value, Vector512.Create(*factor), lowerSum._value));
        upperSum = new(Vector512.FusedMultiplyAdd(upper._value, Vector512.Create(*again), upperSum._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 Max(VectorLanes512 a, VectorLanes512 b) =>
        new(Vector512.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 Min(VectorLanes512 a, VectorLanes512 b) =>
        new(Vector512.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(VectorLanes512 value) => Vector512.Sum(value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Maximum(VectorLanes512 value) => VectorLanes256.Maximum(
        new(Vector256.MaxNative(value._value.GetLower(), value._value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 SwapPairs(VectorLanes512 value) =>
        new(Vector512.Shuffle(value._value, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 PowerOfTwo(VectorLanes512 value) =>
        new(((Vector512.ConvertToInt32Native(value._value) + Vector512.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 ZeroBelow(VectorLanes512 value, VectorLanes512 x, VectorLanes512 limit) =>
        new(Vector512.AndNot(value._value, Vector512.LessThan(x._value, limit._value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WidenPairs(ushort* source, out VectorLanes512 even, out VectorLanes512 odd)
    {
        Vector512<int> pairs = Vector512.Load((int*)source);
        Vector512<int> mask = Vector512.Create(HalfFormat.WidenedMask);
        even = new((((pairs << 16) >> 3) & mask).AsSingle());
        odd = new(((pairs >> 3) & mask).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes512 LoadBytes(sbyte* source) =>
        new(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NarrowPairs(VectorLanes512 even, VectorLanes512 odd, ushort* destination) =>
        (Narrow(even._value) | (Narrow(odd._value) << 16)).Store((int*)destination);

    private static Vector512<int> Narrow(Vector512<float> value)
    {
        Vector512<int> sign = (value.AsInt32() >>> 16) & Vector512.Create(0x8000);
        Vector512<float> size = Vector512.MinNumber(Vector512.Abs(value), Vector512.Create(HalfFormat.Greatest));
        Vector512<int> bits = size.AsInt32();
        Vector512<int> odd = (bits >>> 13) & Vector512<int>.One;
        Vector512<int> normal = (bits + odd - Vector512.Create(HalfFormat.NarrowBias)) >>> 13;
        Vector512<float> rounded = size + Vector512.Create(HalfFormat.SubnormalRounder);
        Vector512<int> small = rounded.AsInt32() - Vector512.Create(HalfFormat.SubnormalRounderBits);
        Vector512<int> isSmall = Vector512.LessThan(size, Vector512.Create(HalfFormat.SmallestNormal)).AsInt32();
        return Vector512.ConditionalSelect(isSmall, small, normal) | sign;
    }
}
