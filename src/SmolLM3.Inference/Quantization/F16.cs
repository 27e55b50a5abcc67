using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Quantization;

/// <summary>Half precision. Values beyond its range become the largest half, not infinity.</summary>
internal static class F16
{
    public static void Dequantize(ReadOnlySpan<byte> row, Span<float> values)
        => TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(row), values);

    public static void Quantize(ReadOnlySpan<float> values, Span<byte> row)
    {
        Span<Half> halves = MemoryMarshal.Cast<byte, Half>(row);
        for (int i = 0; i < values.Length; i++)
        {
            halves[i] = BlockFit.ToHalf(values[i]);
        }
    }
}
