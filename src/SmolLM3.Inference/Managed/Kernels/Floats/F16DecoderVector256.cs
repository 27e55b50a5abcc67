using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>Half precision, 8 weights at a time.</summary>
internal sealed unsafe class F16DecoderVector256 : RowDecoder
{
    public override GgufTensorType Type => GgufTensorType.F16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(byte* row, int columns, float* values)
    {
        var halves = (ushort*)row;
        int i = 0;
        for (; i <= columns - 8; i += 8)
        {
            Widen(halves + i).Store(values + i);
        }

        for (; i < columns; i++)
        {
            values[i] = (float)BitConverter.UInt16BitsToHalf(halves[i]);
        }
    }

    public override bool CanMultiply => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float Multiply(byte* row, int columns, float* activations)
    {
        var halves = (ushort*)row;
        Vector256<float> lower = default, upper = default;
        for (int i = 0; i < columns; i += FloatTile.Lanes)
        {
            RowPrefetch.PrefetchAhead((byte*)(halves + i), FloatTile.Lanes * sizeof(ushort));
            if (HalfBits.AllNormal(Vector256.Load(halves + i)))
            {
                lower = Vector256.FusedMultiplyAdd(WidenNormal(halves + i), Vector256.Load(activations + i), lower);
                upper = Vector256.FusedMultiplyAdd(WidenNormal(halves + i + 8), Vector256.Load(activations + i + 8), upper);
            }
            else
            {
                lower = Vector256.FusedMultiplyAdd(Widen(halves + i), Vector256.Load(activations + i), lower);
                upper = Vector256.FusedMultiplyAdd(Widen(halves + i + 8), Vector256.Load(activations + i + 8), upper);
            }
        }

        return FloatTile.Reduce(lower + upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> WidenNormal(ushort* halves) =>
        HalfBits.NormalToSingle(Avx2.ConvertToVector256Int32(Vector128.Load((short*)halves)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(ushort* halves) =>
        HalfBits.ToSingleOrNonFinite(Avx2.ConvertToVector256Int32(Vector128.Load(halves)).AsUInt32());
}
