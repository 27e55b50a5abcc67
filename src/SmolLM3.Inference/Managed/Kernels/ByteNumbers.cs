using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>Keys and values as 8 bits, of which the largest of 32 numbers is 127.</summary>
internal readonly unsafe struct ByteNumbers : IKvNumbers
{
    public static int LineBytes => AttentionShape.Line;

    public static bool HasScales => true;

    public static float QueryScale => 1;

    public static float ScoreScale => 1;

    public static float WeightScale => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen<TLanes>(byte* line, int part, out TLanes lower, out TLanes upper)
        where TLanes : struct, IVectorLanes<TLanes>
    {
        lower = TLanes.LoadBytes((sbyte*)line + part);
        upper = TLanes.LoadBytes((sbyte*)line + (AttentionShape.Line / 2) + part);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* line, int index, byte* destination) => *destination = line[index];

    public static float Narrow<TLanes>(float* source, byte* line)
        where TLanes : struct, IVectorLanes<TLanes> => Narrow(source, line);

    /// <summary>The same on any processor. Numbers beyond a half's range are held there, as for halves.</summary>
    public static float Narrow(float* source, byte* line)
    {
        ReadOnlySpan<float> numbers = new(source, AttentionShape.Line);
        float largest = MathF.Abs(TensorPrimitives.MaxMagnitude(numbers));
        float scale = MathF.Min(largest, HalfFormat.Greatest) / 127;
        float inverse = scale > 0 ? 1 / scale : 0;
        for (int i = 0; i < AttentionShape.Line; i++)
        {
            line[i] = (byte)(sbyte)MathF.Round(Math.Clamp(source[i] * inverse, -127, 127));
        }

        return scale;
    }
}
