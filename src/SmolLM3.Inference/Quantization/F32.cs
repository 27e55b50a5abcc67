using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Quantization;

/// <summary>Single precision, as it is.</summary>
internal static class F32
{
    public static void Dequantize(ReadOnlySpan<byte> row, Span<float> values)
        => row.CopyTo(MemoryMarshal.AsBytes(values));

    public static void Quantize(ReadOnlySpan<float> values, Span<byte> row)
        => MemoryMarshal.AsBytes(values).CopyTo(row);
}
