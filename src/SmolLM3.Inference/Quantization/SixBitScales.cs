namespace SmolLM3.Inference.Quantization;

/// <summary>
/// The 8 scales and 8 minimums of 6 bits that Q4_K and Q5_K pack into 12 bytes:
/// <code>
/// bytes 0-3    scale 0-3 in bits 0-5,    upper two bits of scale 4-7 in bits 6-7
/// bytes 4-7    minimum 0-3 in bits 0-5,  upper two bits of minimum 4-7 in bits 6-7
/// bytes 8-11   lower four bits of scale 4-7 in bits 0-3 and of minimum 4-7 in bits 4-7
/// </code>
/// </summary>
internal static unsafe class SixBitScales
{
    public const int Bytes = 12;

    public static (int Scale, int Minimum) Get(byte* packed, int j) => j < 4
        ? (packed[j] & 63, packed[j + 4] & 63)
        : ((packed[j + 4] & 15) | ((packed[j - 4] >> 6) << 4), (packed[j + 4] >> 4) | ((packed[j] >> 6) << 4));

    public static void Pack(ReadOnlySpan<byte> scales, ReadOnlySpan<byte> minimums, byte* packed)
    {
        for (int j = 0; j < 4; j++)
        {
            packed[j] = (byte)(scales[j] | ((scales[j + 4] >> 4) << 6));
            packed[j + 4] = (byte)(minimums[j] | ((minimums[j + 4] >> 4) << 6));
            packed[j + 8] = (byte)((scales[j + 4] & 15) | ((minimums[j + 4] & 15) << 4));
        }
    }
}
