using SmolLM3.Inference.Gguf;

namespace SmolLM3.Benchmarks;

/// <summary>Contents that compute at the usual speed: random, without infinities, as spread as weights are.</summary>
internal static unsafe class Patterns
{
    private const int Length = 1024;

    /// <summary>Random floats of a run; more than a branch predictor learns by heart.</summary>
    private const int FloatsLength = 1 << 20;

    /// <summary>The spread of a trained matrix's weights. One half in 400 is then subnormal.</summary>
    private const float WeightDeviation = 0.02f;

    /// <summary>A run of weight blocks.</summary>
    public static byte[] Weights(GgufTensorType type) => type switch
    {
        GgufTensorType.F32 => Floats(sizeof(float), BitConverter.TryWriteBytes),
        GgufTensorType.F16 => Floats(sizeof(ushort), (bytes, value) => BitConverter.TryWriteBytes(bytes, (Half)value)),
        GgufTensorType.BF16 => Floats(
            sizeof(ushort),
            (bytes, value) => BitConverter.TryWriteBytes(bytes, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))),
        _ => Blocks(type),
    };

    private delegate bool WriteFloat(Span<byte> bytes, float value);

    private static byte[] Floats(int size, WriteFloat write)
    {
        var pattern = new byte[FloatsLength * size];
        var random = new Random(1);
        for (int i = 0; i < pattern.Length; i += size)
        {
            // Twelve even numbers' sum less its middle is normal enough, with a deviation of one.
            float normal = -6;
            for (int j = 0; j < 12; j++)
            {
                normal += random.NextSingle();
            }

            write(pattern.AsSpan(i), normal * WeightDeviation);
        }

        return pattern;
    }

    private static byte[] Blocks(GgufTensorType type)
    {
        int block = GgufTensorTypes.BlockBytes(type);
        var pattern = new byte[block * Length];
        new Random(1).NextBytes(pattern);
        for (int i = 0; i < pattern.Length; i += block)
        {
            // Every half and float of moderate size, wherever the format keeps it.
            switch (type)
            {
                case GgufTensorType.Q6_K:
                    pattern[i + 209] = 0x05;
                    break;
                case GgufTensorType.Q5_K or GgufTensorType.Q4_K:
                    pattern[i + 1] = pattern[i + 3] = 0x15;
                    break;
                default:
                    pattern[i + 1] = (byte)(pattern[i + 1] & 0xb3);
                    break;
            }
        }

        return pattern;
    }

    /// <summary>Random floats between -0.5 and 0.5.</summary>
    public static void Fill(float* values, int count)
    {
        var random = new Random(1);
        for (int i = 0; i < count; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }
    }

    /// <summary>The pattern over and over.</summary>
    public static void Fill(NativeBuffer memory, byte[] pattern)
    {
        for (long i = 0; i < memory.Length; i += pattern.Length)
        {
            int count = (int)Math.Min(pattern.Length, memory.Length - i);
            pattern.AsSpan(0, count).CopyTo(new Span<byte>(memory.Pointer + i, count));
        }
    }
}
