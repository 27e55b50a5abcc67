using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>
/// Eight weights at a time, from packed integers to floats. The arithmetic is the plain one, a product and then a sum,
/// so that every machine decodes to the same bits.
/// </summary>
internal static unsafe class Levels
{
    public const int Lanes = 8;

    private static readonly Vector256<int> s_laneBits = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);

    /// <summary>Eight bytes as integers 0..255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(byte* bytes)
    {
        Vector128<ushort> words = Vector128.WidenLower(
            Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(bytes)).AsByte());
        return Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)).AsInt32();
    }

    /// <summary>16 in each of the eight lanes whose bit, counted from <paramref name="first"/>, is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> FifthBits(uint bits, int first)
    {
        Vector256<int> set = Vector256.Create((int)(bits >> first)) & s_laneBits;
        return ~Vector256.Equals(set, default) & Vector256.Create(16);
    }

    /// <summary>Writes scale · level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> levels, float scale, float* y)
        => (Vector256.ConvertToSingle(levels) * scale).Store(y);

    /// <summary>Writes scale · level + offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> levels, float scale, float offset, float* y)
        => (Vector256.ConvertToSingle(levels) * scale + Vector256.Create(offset)).Store(y);
}
