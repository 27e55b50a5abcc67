using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Quantization;

/// <summary>32 weights: scale · level, levels -127..127.</summary>
internal static unsafe class Q8_0
{
    public const int Length = 32;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public Half Scale;
        public fixed sbyte Levels[Length];
    }

    public static void Dequantize(ReadOnlySpan<Block> row, Span<float> values)
    {
        fixed (Block* blocks = row)
        fixed (float* y = values)
        {
            for (int b = 0; b < row.Length; b++)
            {
                float scale = (float)blocks[b].Scale;
                for (int i = 0; i < Length; i++)
                {
                    y[b * Length + i] = scale * blocks[b].Levels[i];
                }
            }
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<Block> row)
    {
        for (int b = 0; b < row.Length; b++)
        {
            ReadOnlySpan<float> x = values.Slice(b * Length, Length);
            float scale = BlockFit.Saturate(Math.Abs(BlockFit.SignedMax(x)) / 127);
            float inverse = BlockFit.Inverse(scale);
            ref Block block = ref row[b];
            block.Scale = (Half)scale;
            for (int i = 0; i < Length; i++)
            {
                float level = MathF.Round(x[i] * inverse, MidpointRounding.AwayFromZero);
                block.Levels[i] = (sbyte)Math.Clamp(level, -127, 127);
            }
        }
    }
}
