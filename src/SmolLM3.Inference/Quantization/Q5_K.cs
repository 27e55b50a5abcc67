using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>
/// As <see cref="Q4_K"/> with levels 0..31: the fifth bit of weight i of sub-block j is bit j of byte i of
/// <see cref="Block.HighBits"/>.
/// </summary>
internal static unsafe class Q5_K
{
    private const int SubBlocks = 8;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public Half Unit;
        public Half MinimumUnit;
        public fixed byte Scales[SixBitScales.Bytes];
        public fixed byte HighBits[SuperBlockFit.Length / 8];
        public fixed byte Quants[SuperBlockFit.Length / 2];
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
                for (int j = 0; j < SubBlocks; j++, y += 32)
                {
                    (int scaleLevel, int minimumLevel) = SixBitScales.Get(block->Scales, j);
                    (float scale, float minimum) = (unit * scaleLevel, minimumUnit * minimumLevel);
                    byte* levels = block->Quants + j / 2 * 32;
                    int shift = j % 2 * 4;
                    for (int i = 0; i < 32; i += Levels.Lanes)
                    {
                        Vector256<int> low = (Levels.Load(levels + i) >> shift) & Vector256.Create(15);
                        Vector256<int> high = (Levels.Load(block->HighBits + i) >> j) & Vector256<int>.One;
                        Levels.Store(low | (high << 4), scale, -minimum, y + i);
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
        fixed (Block* blocks = row)
        {
            for (int b = 0; b < row.Length; b++)
            {
                ReadOnlySpan<float> x = values.Slice(b * SuperBlockFit.Length, SuperBlockFit.Length);
                Block* block = blocks + b;
                *block = default;
                (block->Unit, block->MinimumUnit) =
                    SuperBlockFit.ScalesAndMinimums(x, 31, 63, scales, minimums, levels);
                SixBitScales.Pack(scales, minimums, block->Scales);
                for (int i = 0; i < SuperBlockFit.Length; i++)
                {
                    int j = i / 32;
                    block->Quants[j / 2 * 32 + i % 32] |= (byte)((levels[i] & 15) << (j % 2 * 4));
                    block->HighBits[i % 32] |= (byte)((levels[i] >> 4) << j);
                }
            }
        }
    }
}
