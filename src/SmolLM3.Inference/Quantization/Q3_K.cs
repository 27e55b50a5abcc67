using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>
/// 256 weights in 16 sub-blocks of 16: unit · (scale - 32) · (level - 4), levels 0..7. The lower two bits are packed as
/// in <see cref="Q2_K"/>; the third bit of weight 32·g + i is bit g of byte i of <see cref="Block.HighBits"/>.
/// Scales: lower four bits of scale j in the low (j &lt; 8) or high half of byte j mod 8; upper two bits in bits
/// 2(j/4) and 2(j/4)+1 of byte 8 + j mod 4.
/// </summary>
internal static unsafe class Q3_K
{
    private const int SubBlocks = 16;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public fixed byte HighBits[SuperBlockFit.Length / 8];
        public fixed byte Quants[SuperBlockFit.Length / 4];
        public fixed byte Scales[SubBlocks * 6 / 8];
        public Half Unit;
    }

    public static void Dequantize(ReadOnlySpan<Block> row, Span<float> values)
    {
        fixed (Block* blocks = row)
        fixed (float* start = values)
        {
            float* y = start;
            for (Block* block = blocks; block < blocks + row.Length; block++)
            {
                float unit = (float)block->Unit;
                for (int j = 0; j < SubBlocks; j++, y += 16)
                {
                    byte* levels = block->Quants + j / 8 * 32 + j % 2 * 16;
                    byte* highBits = block->HighBits + j % 2 * 16;
                    int shift = j / 2 % 4 * 2;
                    float scale = unit * GetScale(block->Scales, j);
                    for (int i = 0; i < 16; i += Levels.Lanes)
                    {
                        Vector256<int> low = (Levels.Load(levels + i) >> shift) & Vector256.Create(3);
                        Vector256<int> high = (Levels.Load(highBits + i) >> (j / 2)) & Vector256<int>.One;
                        Levels.Store((low | (high << 2)) - Vector256.Create(4), scale, y + i);
                    }
                }
            }
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<Block> row)
    {
        Span<sbyte> scales = stackalloc sbyte[SubBlocks];
        Span<byte> levels = stackalloc byte[SuperBlockFit.Length];
        for (int b = 0; b < row.Length; b++)
        {
            ReadOnlySpan<float> x = values.Slice(b * SuperBlockFit.Length, SuperBlockFit.Length);
            ref Block block = ref row[b];
            block = default;
            block.Unit = SuperBlockFit.SignedScales(x, 4, 32, scales, levels);
            for (int j = 0; j < SubBlocks; j++)
            {
                int scale = scales[j] + 32;
                block.Scales[j % 8] |= (byte)((scale & 15) << (j / 8 * 4));
                block.Scales[8 + j % 4] |= (byte)((scale >> 4) << (j / 4 * 2));
            }

            for (int i = 0; i < SuperBlockFit.Length; i++)
            {
                int group = i / 32;
                block.Quants[i / 128 * 32 + i % 32] |= (byte)((levels[i] & 3) << (group % 4 * 2));
                block.HighBits[i % 32] |= (byte)((levels[i] >> 2) << group);
            }
        }
    }

    /// <summary>Scale of sub-block <paramref name="j"/>, -32..31.</summary>
    public static int GetScale(byte* scales, int j)
        => (((scales[j % 8] >> (j / 8 * 4)) & 15) | (((scales[8 + j % 4] >> (j / 4 * 2)) & 3) << 4)) - 32;
}
