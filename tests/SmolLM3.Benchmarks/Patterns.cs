using SmolLM3.Inference.Gguf;

namespace SmolLM3.Benchmarks;

/// <summary>Contents that compute at the usual speed: random, without infinities and denormal numbers.</summary>
internal static unsafe class Patterns
{
    private const int Length = 1024;

    /// <summary>A run of weight blocks.</summary>
    public static byte[] Weights(GgufTensorType type)
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
                case GgufTensorType.F32:
                    pattern[i + 3] = 0x3c;
                    break;
                default:
                    pattern[i + 1] = (byte)(pattern[i + 1] & 0xb3);
                    break;
            }
        }

        return pattern;
    }

    /// <summary>A run of half numbers between -0.5 and 0.5.</summary>
    public static byte[] Halves()
    {
        var pattern = new byte[Length * sizeof(ushort)];
        var random = new Random(1);
        for (int i = 0; i < pattern.Length; i += sizeof(ushort))
        {
            BitConverter.TryWriteBytes(pattern.AsSpan(i), (Half)(random.NextSingle() - 0.5f));
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
