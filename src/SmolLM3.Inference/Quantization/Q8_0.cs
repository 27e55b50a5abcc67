using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>32 weights: scale · level, levels -127..127.</summary>
internal static unsafe class Q8_0
{
    public const int Length = 32;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public Half Scale;
        public fixed sbyte Quants[Length];
    }

    public static void Dequantize(ReadOnlySpan<Block> row, Span<float> values)
    {
        fixed (Block* blocks = row)
        fixed (float* y = values)
        {
            for (int b = 0; b < row.Length; b++)
            {
                float scale = (float)blocks[b].Scale;
                for (int i = 0; i < Length; i += Levels.Lanes)
                {
                    // Up and down again extends the sign.
                    Vector256<int> bytes = Levels.Load((byte*)blocks[b].Quants + i);
                    Levels.Store((bytes << 24) >> 24, scale, y + b * Length + i);
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
                block.Quants[i] = (sbyte)Math.Clamp(level, -127, 127);
            }
        }
    }
}
