using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Quantization;

/// <summary>
/// 32 weights: scale · (level - 16), levels 0..31. Lower four bits packed as in <see cref="Q4_0"/>; the fifth bit of
/// weight i is bit i of <see cref="Block.HighBits"/>.
/// </summary>
internal static unsafe class Q5_0
{
    public const int Length = 32;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public Half Scale;
        public uint HighBits;
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
                uint high = blocks[b].HighBits;
                for (int i = 0; i < Length / 2; i++)
                {
                    int pair = blocks[b].Levels[i];
                    y[i] = scale * (((pair & 15) | (int)((high >> i) & 1) << 4) - 16);
                    y[i + Length / 2] = scale * (((pair >> 4) | (int)((high >> (i + Length / 2)) & 1) << 4) - 16);
                }
            }
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<Block> row)
    {
        for (int b = 0; b < row.Length; b++)
        {
            ReadOnlySpan<float> x = values.Slice(b * Length, Length);
            float scale = BlockFit.Saturate(BlockFit.SignedMax(x) / -16);
            float inverse = BlockFit.Inverse(scale);
            ref Block block = ref row[b];
            (block.Scale, block.HighBits) = ((Half)scale, 0);
            for (int i = 0; i < Length / 2; i++)
            {
                int low = BlockFit.Level(x[i] * inverse + 16, 31);
                int high = BlockFit.Level(x[i + Length / 2] * inverse + 16, 31);
                block.Levels[i] = (byte)((low & 15) | ((high & 15) << 4));
                block.HighBits |= (uint)(low >> 4) << i | (uint)(high >> 4) << (i + Length / 2);
            }
        }
    }
}
