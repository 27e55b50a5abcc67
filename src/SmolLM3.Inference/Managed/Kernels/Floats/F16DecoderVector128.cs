using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>Half precision, 4 weights at a time.</summary>
internal sealed unsafe class F16DecoderVector128 : RowDecoder
{
    public override GgufTensorType Type => GgufTensorType.F16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(byte* row, int columns, float* values)
    {
        var halves = (ushort*)row;
        int i = 0;
        for (; i <= columns - 4; i += 4)
        {
            HalfBits.ToSingleOrNonFinite(Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)(halves + i)).AsUInt16()))
                .Store(values + i);
        }

        for (; i < columns; i++)
        {
            values[i] = (float)BitConverter.UInt16BitsToHalf(halves[i]);
        }
    }
}
