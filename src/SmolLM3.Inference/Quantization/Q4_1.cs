using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>32 weights: scale · level + minimum, levels 0..15, packed as in <see cref="Q4_0"/>.</summary>
internal static unsafe class Q4_1
{
    public const int Length = 32;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public Half Scale;
        public Half Minimum;
        public fixed byte Quants[Length / 2];
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
                float minimum = (float)blocks[b].Minimum;
                for (int i = 0; i < Length / 2; i += Levels.Lanes)
                {
                    Vector256<int> pairs = Levels.Load(blocks[b].Quants + i);
                    Levels.Store(pairs & Vector256.Create(15), scale, minimum, y + i);
                    Levels.Store(pairs >> 4, scale, minimum, y + i + Length / 2);
                }
            }
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<Block> row)
    {
        for (int b = 0; b < row.Length; b++)
        {
            ReadOnlySpan<float> x = values.Slice(b * Length, Length);
            (float scale, float minimum) = BlockFit.Range(x, 15);
            float inverse = BlockFit.Inverse(scale);
            ref Block block = ref row[b];
            (block.Scale, block.Minimum) = ((Half)scale, (Half)minimum);
            for (int i = 0; i < Length / 2; i++)
            {
                int low = BlockFit.Level((x[i] - minimum) * inverse, 15);
                int high = BlockFit.Level((x[i + Length / 2] - minimum) * inverse, 15);
                block.Quants[i] = (byte)(low | (high << 4));
            }
        }
    }
}
