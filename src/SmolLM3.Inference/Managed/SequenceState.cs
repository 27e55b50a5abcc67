using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Managed;

/// <summary>
/// A sequence's keys and values as bytes, little-endian:
/// <code>
/// magic (8) | model (8) | tokens (8)
/// tokens times: [layer][KV head][key, then value], half numbers
/// CRC-32C of all that (4)
/// </code>
/// It depends neither on the size of blocks nor on the kernels.
/// </summary>
internal sealed unsafe class SequenceState(ModelConfig config, KvStore store, KvMemory memory, ulong model)
{
    private const ulong Magic = 0x0100_564B_334D_4C53; // "SLM3KV", 0, version 1
    private const int HeaderBytes = 24;

    private readonly byte[] _token = new byte[config.KvBytesPerToken];

    /// <summary>Writes a sequence.</summary>
    public void Save(int sequence, Stream destination)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], model);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], store.GetLength(sequence));
        destination.Write(header);
        uint sum = Checksum.Add(0, header);
        for (int position = 0; position < store.GetLength(sequence); position++)
        {
            Copy(sequence, position, intoStore: false);
            destination.Write(_token);
            sum = Checksum.Add(sum, _token);
        }

        Span<byte> end = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(end, sum);
        destination.Write(end);
    }

    /// <summary>Fills an empty sequence.</summary>
    /// <returns>False when there is no room for it.</returns>
    /// <exception cref="InvalidDataException">The data is truncated, damaged or of another model; the sequence stays
    /// empty.</exception>
    public bool Load(int sequence, Stream source, int contextLength)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Read(source, header);
        long length = CheckHeader(header);
        if (length > contextLength || store.BlocksNeeded(sequence, (int)length) > store.FreeBlocks)
        {
            return false;
        }

        store.Extend(sequence, (int)length);
        try
        {
            uint sum = Checksum.Add(0, header);
            for (int position = 0; position < length; position++)
            {
                Read(source, _token);
                sum = Checksum.Add(sum, _token);
                Copy(sequence, position, intoStore: true);
            }

            Span<byte> end = stackalloc byte[sizeof(uint)];
            Read(source, end);
            return BinaryPrimitives.ReadUInt32LittleEndian(end) == sum
                ? true
                : throw new InvalidDataException("The saved sequence is damaged: its checksum is wrong.");
        }
        catch
        {
            store.Truncate(sequence, 0);
            throw;
        }
    }

    private long CheckHeader(ReadOnlySpan<byte> header)
    {
        long length = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic || length < 0)
        {
            throw new InvalidDataException("This is not a saved sequence, or one of another version.");
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(header[8..]) == model
            ? length
            : throw new InvalidDataException("The saved sequence is of another model.");
    }

    private static void Read(Stream source, Span<byte> destination)
    {
        if (source.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
        {
            throw new InvalidDataException("The saved sequence is truncated.");
        }
    }

    private void Copy(int sequence, int position, bool intoStore)
    {
        Span<ushort> numbers = MemoryMarshal.Cast<byte, ushort>(_token.AsSpan());
        int block = store.GetBlocks(sequence)[position / store.BlockTokens];
        int slot = position % store.BlockTokens;
        int next = 0;
        for (int layer = 0; layer < config.Layers; layer++)
        {
            for (int head = 0; head < config.KvHeads; head++)
            {
                ushort* keys = memory.Keys(block, layer, head);
                ushort* values = memory.Values(block, layer, head);
                for (int d = 0; d < config.HeadDimension; d++)
                {
                    Move(ref keys[memory.Shape.KeyIndex(slot, d)], ref numbers[next++], intoStore);
                }

                for (int d = 0; d < config.HeadDimension; d++)
                {
                    Move(ref values[memory.Shape.ValueIndex(slot, d)], ref numbers[next++], intoStore);
                }
            }
        }
    }

    private static void Move(ref ushort stored, ref ushort saved, bool intoStore)
    {
        if (intoStore)
        {
            stored = saved;
        }
        else
        {
            saved = stored;
        }
    }
}
