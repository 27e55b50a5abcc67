using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>
/// 256 weights in 16 sub-blocks of 16: unit · scale · (level - 32), levels 0..63. Each half of 128 weights has 64 bytes
/// of lower bits and 32 bytes of upper bits; weight 32·g + i of the half (g = 0..3) has its lower four bits in the low
/// (g &lt; 2) or high half of byte 32·(g mod 2) + i, and its upper two in bits 2g and 2g+1 of byte i.
/// </summary>
internal static unsafe class Q6_K
{
    private const int SubBlocks = 16;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public fixed byte LowBits[SuperBlockFit.Length / 2];
        public fixed byte HighBits[SuperBlockFit.Length / 4];
        public fixed sbyte Scales[SubBlocks];
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
                    // Sub-block j: half n, group g within it, weights 0-15 or 16-31 of the group.
                    (int n, int g, int first) = (j / 8, j / 2 % 4, j % 2 * 16);
                    byte* low = block->LowBits + n * 64 + g % 2 * 32 + first;
                    byte* high = block->HighBits + n * 32 + first;
                    (int lowShift, int highShift) = (g / 2 * 4, g * 2);
                    float scale = unit * block->Scales[j];
                    for (int i = 0; i < 16; i += Levels.Lanes)
                    {
                        Vector256<int> lower = (Levels.Load(low + i) >> lowShift) & Vector256.Create(15);
                        Vector256<int> upper = (Levels.Load(high + i) >> highShift) & Vector256.Create(3);
                        Levels.Store((lower | (upper << 4)) - Vector256.Create(32), scale, y + i);
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
            block.Unit = SuperBlockFit.SignedScales(x, 32, 128, scales, levels);
            for (int j = 0; j < SubBlocks; j++)
            {
                block.Scales[j] = scales[j];
            }

            for (int i = 0; i < SuperBlockFit.Length; i++)
            {
                (int n, int g) = (i / 128, i / 32 % 4);
                block.LowBits[n * 64 + g % 2 * 32 + i % 32] |= (byte)((levels[i] & 15) << (g / 2 * 4));
                block.HighBits[n * 32 + i % 32] |= (byte)((levels[i] >> 4) << (g * 2));
            }
        }
    }
}
