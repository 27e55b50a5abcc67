using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>32 weights: scale · level + minimum, levels 0..31, packed as in <see cref="Q5_0"/>.</summary>
internal static unsafe class Q5_1
{
    public const int Length = 32;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public Half Scale;
        public Half Minimum;
        public uint HighBits;
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
                uint high = blocks[b].HighBits;
                for (int i = 0; i < Length / 2; i += Levels.Lanes)
                {
                    Vector256<int> pairs = Levels.Load(blocks[b].Quants + i);
                    Vector256<int> first = (pairs & Vector256.Create(15)) | Levels.FifthBits(high, i);
                    Vector256<int> second = (pairs >> 4) | Levels.FifthBits(high, i + Length / 2);
                    Levels.Store(first, scale, minimum, y + i);
                    Levels.Store(second, scale, minimum, y + i + Length / 2);
                }
            }
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<Block> row)
    {
        for (int b = 0; b < row.Length; b++)
        {
            ReadOnlySpan<float> x = values.Slice(b * Length, Length);
            (float scale, float minimum) = BlockFit.Range(x, 31);
            float inverse = BlockFit.Inverse(scale);
            ref Block block = ref row[b];
            (block.Scale, block.Minimum, block.HighBits) = ((Half)scale, (Half)minimum, 0);
            for (int i = 0; i < Length / 2; i++)
            {
                int low = BlockFit.Level((x[i] - minimum) * inverse, 31);
                int high = BlockFit.Level((x[i + Length / 2] - minimum) * inverse, 31);
                block.Quants[i] = (byte)((low & 15) | ((high & 15) << 4));
                block.HighBits |= (uint)(low >> 4) << i | (uint)(high >> 4) << (i + Length / 2);
            }
        }
    }
}
