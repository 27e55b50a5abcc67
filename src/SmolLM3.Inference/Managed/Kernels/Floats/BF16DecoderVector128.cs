using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>The upper half of single precision, 8 weights at a time.</summary>
internal sealed unsafe class BF16DecoderVector128 : RowDecoder
{
    public override GgufTensorType Type => GgufTensorType.BF16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(byte* row, int columns, float* values)
    {
        var halves = (ushort*)row;
        int i = 0;
        for (; i <= columns - 8; i += 8)
        {
            (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(Vector128.Load(halves + i));
            (lower << 16).AsSingle().Store(values + i);
            (upper << 16).AsSingle().Store(values + i + 4);
        }

        for (; i < columns; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        }
    }
}
