using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Quantization;

/// <summary>32 weights: scale · (level - 8), levels 0..15. Weight i in the low half of byte i, i + 16 in the high.</summary>
internal static unsafe class Q4_0
{
    public const int Length = 32;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public Half Scale;
        public fixed byte Levels[Length / 2];
    }

    public static void Dequantize(ReadOnlySpan<Block> row, Span<float> values)
    {
        fixed (Block* blocks = row)
        fixed (float* start = values)
        {
            for (int b = 0; b < row.Length; b++)
            {
                float* y = start + b * Length;
                float scale = (float)blocks[b].Scale;
                for (int i = 0; i < Length / 2; i++)
                {
                    int pair = blocks[b].Levels[i];
                    y[i] = scale * ((pair & 15) - 8);
                    y[i + Length / 2] = scale * ((pair >> 4) - 8);
                }
            }
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<Block> row)
    {
        for (int b = 0; b < row.Length; b++)
        {
            ReadOnlySpan<float> x = values.Slice(b * Length, Length);

            // The weight of the largest magnitude becomes -8, the end of the longer side.
            float scale = BlockFit.Saturate(BlockFit.SignedMax(x) / -8);
            float inverse = BlockFit.Inverse(scale);
            ref Block block = ref row[b];
            block.Scale = (Half)scale;
            for (int i = 0; i < Length / 2; i++)
            {
                int low = BlockFit.Level(x[i] * inverse + 8, 15);
                int high = BlockFit.Level(x[i + Length / 2] * inverse + 8, 15);
                block.Levels[i] = (byte)(low | (high << 4));
            }
        }
    }
}
