using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>Half precision, 16 weights at a time.</summary>
internal sealed unsafe class F16DecoderVector512 : RowDecoder
{
    public override GgufTensorType Type => GgufTensorType.F16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(byte* row, int columns, float* values)
    {
        var halves = (ushort*)row;
        int i = 0;
        for (; i <= columns - 16; i += 16)
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
        Vector512<float> sum = default;
        int i = 0;
        for (; i <= columns - 32; i += 32)
        {
            RowPrefetch.PrefetchAhead((byte*)(halves + i), 32 * sizeof(ushort));
            if (HalfBits.AllNormal(Vector512.Load(halves + i)))
            {
                sum = Vector512.FusedMultiplyAdd(WidenNormal(halves + i), Vector512.Load(activations + i), sum);
                sum = Vector512.FusedMultiplyAdd(WidenNormal(halves + i + 16), Vector512.Load(activations + i + 16), sum);
            }
            else
            {
                sum = Vector512.FusedMultiplyAdd(Widen(halves + i), Vector512.Load(activations + i), sum);
                sum = Vector512.FusedMultiplyAdd(Widen(halves + i + 16), Vector512.Load(activations + i + 16), sum);
            }
        }

        if (i < columns)
        {
            sum = Vector512.FusedMultiplyAdd(Widen(halves + i), Vector512.Load(activations + i), sum);
        }

        return FloatTile.Reduce(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> WidenNormal(ushort* halves) =>
        HalfBits.NormalToSingle(Avx512F.ConvertToVector512Int32(Vector256.Load((short*)halves)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(ushort* halves) =>
        HalfBits.ToSingleOrNonFinite(Avx512F.ConvertToVector512UInt32(Vector256.Load(halves)));
}
