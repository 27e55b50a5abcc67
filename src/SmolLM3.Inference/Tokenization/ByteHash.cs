using System.Buffers.Binary;

namespace SmolLM3.Inference.Tokenization;

/// <summary>A quick hash for short byte strings, for tables of this process only.</summary>
internal static class ByteHash
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The hash. Its high bits are as good as its low ones.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length;
        while (bytes.Length >= sizeof(ulong))
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        ulong tail = 0;
        foreach (byte value in bytes)
        {
            tail = (tail << 8) | value;
        }

        return (uint)Mix(hash, tail);
    }

    /// <summary>Stirs a word into a hash.</summary>
    public static ulong Mix(ulong hash, ulong word)
    {
        ulong high = Math.BigMul(hash ^ word ^ 0xD6E8_FEB8_6659_FD93, Multiplier, out ulong low);
        return high ^ low;
    }
}
