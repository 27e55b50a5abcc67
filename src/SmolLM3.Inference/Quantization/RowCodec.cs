using System.Runtime.InteropServices;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Quantization;

/// <summary>
/// Turns rows of weights into floats and back, for every supported type: the reference the fast kernels are tested
/// against, and what the types without a kernel of their own are computed with. One file a format.
/// </summary>
internal static class RowCodec
{
    /// <summary>Decodes whole blocks.</summary>
    /// <param name="type">Format of the row.</param>
    /// <param name="row">Exactly the bytes of <paramref name="values"/>.</param>
    /// <param name="values">A multiple of the block length.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other or the type.</exception>
    public static void Dequantize(GgufTensorType type, ReadOnlySpan<byte> row, Span<float> values)
    {
        RequireFit(type, row.Length, values.Length);
        switch (type)
        {
            case GgufTensorType.F32: F32.Dequantize(row, values); break;
            case GgufTensorType.F16: F16.Dequantize(row, values); break;
            case GgufTensorType.BF16: BF16.Dequantize(row, values); break;
            case GgufTensorType.Q4_0: Q4_0.Dequantize(MemoryMarshal.Cast<byte, Q4_0.Block>(row), values); break;
            case GgufTensorType.Q4_1: Q4_1.Dequantize(MemoryMarshal.Cast<byte, Q4_1.Block>(row), values); break;
            case GgufTensorType.Q5_0: Q5_0.Dequantize(MemoryMarshal.Cast<byte, Q5_0.Block>(row), values); break;
            case GgufTensorType.Q5_1: Q5_1.Dequantize(MemoryMarshal.Cast<byte, Q5_1.Block>(row), values); break;
            case GgufTensorType.Q8_0: Q8_0.Dequantize(MemoryMarshal.Cast<byte, Q8_0.Block>(row), values); break;
            case GgufTensorType.Q2_K: Q2_K.Dequantize(MemoryMarshal.Cast<byte, Q2_K.Block>(row), values); break;
            case GgufTensorType.Q3_K: Q3_K.Dequantize(MemoryMarshal.Cast<byte, Q3_K.Block>(row), values); break;
            case GgufTensorType.Q4_K: Q4_K.Dequantize(MemoryMarshal.Cast<byte, Q4_K.Block>(row), values); break;
            case GgufTensorType.Q5_K: Q5_K.Dequantize(MemoryMarshal.Cast<byte, Q5_K.Block>(row), values); break;
            case GgufTensorType.Q6_K: Q6_K.Dequantize(MemoryMarshal.Cast<byte, Q6_K.Block>(row), values); break;
        }
    }

    /// <summary>
    /// Encodes whole blocks. Finite values give finite results: scales saturate at the largest half-precision number.
    /// </summary>
    /// <param name="type">Format of the row.</param>
    /// <param name="values">A multiple of the block length.</param>
    /// <param name="row">Exactly the bytes of <paramref name="values"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other or the type.</exception>
    public static void Quantize(GgufTensorType type, ReadOnlySpan<float> values, Span<byte> row)
    {
        RequireFit(type, row.Length, values.Length);
        switch (type)
        {
            case GgufTensorType.F32: F32.Quantize(values, row); break;
            case GgufTensorType.F16: F16.Quantize(values, row); break;
            case GgufTensorType.BF16: BF16.Quantize(values, row); break;
            case GgufTensorType.Q4_0: Q4_0.Quantize(values, MemoryMarshal.Cast<byte, Q4_0.Block>(row)); break;
            case GgufTensorType.Q4_1: Q4_1.Quantize(values, MemoryMarshal.Cast<byte, Q4_1.Block>(row)); break;
            case GgufTensorType.Q5_0: Q5_0.Quantize(values, MemoryMarshal.Cast<byte, Q5_0.Block>(row)); break;
            case GgufTensorType.Q5_1: Q5_1.Quantize(values, MemoryMarshal.Cast<byte, Q5_1.Block>(row)); break;
            case GgufTensorType.Q8_0: Q8_0.Quantize(values, MemoryMarshal.Cast<byte, Q8_0.Block>(row)); break;
            case GgufTensorType.Q2_K: Q2_K.Quantize(values, MemoryMarshal.Cast<byte, Q2_K.Block>(row)); break;
            case GgufTensorType.Q3_K: Q3_K.Quantize(values, MemoryMarshal.Cast<byte, Q3_K.Block>(row)); break;
            case GgufTensorType.Q4_K: Q4_K.Quantize(values, MemoryMarshal.Cast<byte, Q4_K.Block>(row)); break;
            case GgufTensorType.Q5_K: Q5_K.Quantize(values, MemoryMarshal.Cast<byte, Q5_K.Block>(row)); break;
            case GgufTensorType.Q6_K: Q6_K.Quantize(values, MemoryMarshal.Cast<byte, Q6_K.Block>(row)); break;
        }
    }

    private static void RequireFit(GgufTensorType type, int bytes, int values)
    {
        long expected = GgufTensorTypes.RowBytes(type, values);
        if (bytes != expected)
        {
            throw new ArgumentException($"{values} values of {type} take {expected} bytes, not {bytes}.");
        }
    }
}
