using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SmolLM3.Inference.Gguf;

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
            HalfBits.ToSingleOrNonFinite(Avx512F.ConvertToVector512UInt32(Vector256.Load(halves + i))).Store(values + i);
        }

        for (; i < columns; i++)
        {
            values[i] = (float)BitConverter.UInt16BitsToHalf(halves[i]);
        }
    }
}
