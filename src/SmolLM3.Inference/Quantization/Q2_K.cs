using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>
/// 256 weights in 16 sub-blocks of 16: unit · scale · level - minimumUnit · minimum, levels 0..3. Each half of 128
/// weights has 32 bytes of levels: weight 32·p + i of the half is in bits 2p and 2p+1 of byte i.
/// </summary>
internal static unsafe class Q2_K
{
    private const int SubBlocks = 16;
    private const int Half128 = 128;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        /// <summary>Scale in the low, minimum in the high four bits.</summary>
        public fixed byte Scales[SubBlocks];
        public fixed byte Quants[SuperBlockFit.Length / 4];
        public Half Unit;
        public Half MinimumUnit;
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
                float minimumUnit = (float)block->MinimumUnit;
                for (int j = 0; j < SubBlocks; j++, y += 16)
                {
                    // Sub-block j: half j/8, bit pair j/2 mod 4, bytes 0-15 or 16-31.
                    byte* levels = block->Quants + j / 8 * 32 + j % 2 * 16;
                    int shift = j / 2 % 4 * 2;
                    float scale = unit * (block->Scales[j] & 15);
                    float minimum = minimumUnit * (block->Scales[j] >> 4);
                    for (int i = 0; i < 16; i += Levels.Lanes)
                    {
                        Levels.Store((Levels.Load(levels + i) >> shift) & Vector256.Create(3), scale, -minimum, y + i);
                    }
                }
            }
        }
    }

    public static void Quantize(ReadOnlySpan<float> values, Span<Block> row)
    {
        Span<byte> scales = stackalloc byte[SubBlocks];
        Span<byte> minimums = stackalloc byte[SubBlocks];
        Span<byte> levels = stackalloc byte[SuperBlockFit.Length];
        for (int b = 0; b < row.Length; b++)
        {
            ReadOnlySpan<float> x = values.Slice(b * SuperBlockFit.Length, SuperBlockFit.Length);
            ref Block block = ref row[b];
            (block.Unit, block.MinimumUnit) = SuperBlockFit.ScalesAndMinimums(x, 3, 15, scales, minimums, levels);
            for (int j = 0; j < SubBlocks; j++)
            {
                block.Scales[j] = (byte)(scales[j] | (minimums[j] << 4));
            }

            for (int i = 0; i < SuperBlockFit.Length / 4; i++)
            {
                ReadOnlySpan<byte> half = levels.Slice(i / 32 * Half128, Half128);
                int k = i % 32;
                block.Quants[i] = (byte)(half[k] | (half[k + 32] << 2) | (half[k + 64] << 4) | (half[k + 96] << 6));
            }
        }
    }
}
