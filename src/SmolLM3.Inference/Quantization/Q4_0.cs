using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>32 weights: scale · (level - 8), levels 0..15. Byte i: weight i low, weight i + 16 high.</summary>
internal static unsafe class Q4_0
{
    public const int Length = 32;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public Half Scale;
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
                for (int i = 0; i < Length / 2; i += Levels.Lanes)
                {
                    Vector256<int> pairs = Levels.Load(blocks[b].Quants + i);
                    Levels.Store((pairs & Vector256.Create(15)) - Vector256.Create(8), scale, y + i);
                    Levels.Store((pairs >> 4) - Vector256.Create(8), scale, y + i + Length / 2);
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
                block.Quants[i] = (byte)(low | (high << 4));
            }
        }
    }
}
