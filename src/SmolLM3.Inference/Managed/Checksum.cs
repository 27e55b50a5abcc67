using System.Buffers.Binary;
using System.Numerics;

namespace SmolLM3.Inference.Managed;

/// <summary>CRC-32C of bytes that come in pieces.</summary>
internal static class Checksum
{
    /// <summary>The checksum after further bytes; the first is 0.</summary>
    public static uint Add(uint checksum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte value in bytes)
        {
            checksum = BitOperations.Crc32C(checksum, value);
        }

        return checksum;
    }
}
