using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Quantization;

/// <summary>The upper 16 bits of single precision. What would round to infinity becomes the largest number.</summary>
internal static class BF16
{
    private static readonly float Largest = BitConverter.UInt32BitsToSingle(0x7f7f0000);

    public static void Dequantize(ReadOnlySpan<byte> row, Span<float> values)
    {
        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(row);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BitConverter.UInt32BitsToSingle((uint)words[i] << 16);
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<byte> row)
    {
        Span<ushort> words = MemoryMarshal.Cast<byte, ushort>(row);
        for (int i = 0; i < values.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(Math.Clamp(values[i], -Largest, Largest));

            // Half to even; a NaN must not round up into infinity, so it only loses bits and stays quiet.
            words[i] = (ushort)(float.IsNaN(values[i])
                ? (bits >> 16) | 0x40
                : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        }
    }
}
