using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Quantization;

/// <summary>
/// 256 weights in 8 sub-blocks of 32: unit · scale · level - minimumUnit · minimum, levels 0..15. Each 32 bytes of
/// levels hold two sub-blocks: the even one in the low halves, the odd one in the high halves.
/// </summary>
internal static unsafe class Q4_K
{
    private const int SubBlocks = 8;

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct Block
    {
        public Half Unit;
        public Half MinimumUnit;
        public fixed byte Scales[SixBitScales.Bytes];
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
                        Levels.Store((Levels.Load(levels + i) >> shift) & Vector256.Create(15), scale, -minimum, y + i);
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
                (block->Unit, block->MinimumUnit) =
                    SuperBlockFit.ScalesAndMinimums(x, 15, 63, scales, minimums, levels);
                SixBitScales.Pack(scales, minimums, block->Scales);
                for (int i = 0; i < SuperBlockFit.Length / 2; i++)
                {
                    int low = i / 32 * 64 + i % 32;
                    block->Quants[i] = (byte)(levels[low] | (levels[low + 32] << 4));
                }
            }
        }
    }
}
