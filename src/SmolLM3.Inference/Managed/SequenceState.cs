using System.Buffers.Binary;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed;

/// <summary>
/// A sequence's keys and values as bytes, little-endian:
/// <code>
/// magic (8) | model (8) | tokens (8)
/// tokens times: [layer][KV head][key, then value], each its numbers and then their scales, if they have any
/// CRC-32C of all that (4)
/// </code>
/// It depends neither on the size of blocks nor on the kernels.
/// </summary>
internal sealed unsafe class SequenceState(ModelConfig config, KvStore store, KvMemory memory, ulong model)
{
    private const ulong Magic = 0x0100_564B_334D_4C53; // "SLM3KV", type of the numbers, version 1
    private const int TypeShift = 48;
    private const int HeaderBytes = 24;

    private readonly byte[] _token = new byte[memory.BytesPerToken];

    /// <summary>Writes a sequence.</summary>
    public void Save(int sequence, Stream destination)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic | ((ulong)memory.Shape.Type << TypeShift));
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
        ulong magic = BinaryPrimitives.ReadUInt64LittleEndian(header);
        var type = (KvCacheType)(byte)(magic >> TypeShift);
        if ((magic & ~(0xFFul << TypeShift)) != Magic || !Enum.IsDefined(type) || length < 0)
        {
            throw new InvalidDataException("This is not a saved sequence, or one of another version.");
        }

        if (type != memory.Shape.Type)
        {
            throw new InvalidDataException(
                $"The saved sequence holds {type} numbers, but this engine keeps {memory.Shape.Type}.");
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
        AttentionShape shape = memory.Shape;
        int block = store.GetBlocks(sequence)[position / store.BlockTokens];
        int slot = position % store.BlockTokens;
        Span<byte> rest = _token;
        for (int layer = 0; layer < config.Layers; layer++)
        {
            for (int head = 0; head < config.KvHeads; head++)
            {
                byte* keys = memory.Keys(block, layer, head);
                byte* values = memory.Values(block, layer, head);
                for (int d = 0; d < config.HeadDimension; d++)
                {
                    Move(keys + shape.KeyOffset(slot, d), shape.NumberBytes, ref rest, intoStore);
                }

                MoveScales(keys + shape.KeyScales, slot, ref rest, intoStore);
                for (int d = 0; d < config.HeadDimension; d++)
                {
                    Move(values + shape.ValueOffset(slot, d), shape.NumberBytes, ref rest, intoStore);
                }

                MoveScales(values + shape.ValueScales, slot, ref rest, intoStore);
            }
        }
    }

    private void MoveScales(byte* scales, int slot, ref Span<byte> rest, bool intoStore)
    {
        for (int line = 0; line < memory.Shape.ScalesPerToken; line++)
        {
            byte* scale = scales + (memory.Shape.ScaleIndex(slot, line) * sizeof(float));
            Move(scale, sizeof(float), ref rest, intoStore);
        }
    }

    // Between the store and the beginning of what is left of the token.
    private static void Move(byte* stored, int bytes, ref Span<byte> rest, bool intoStore)
    {
        Span<byte> number = new(stored, bytes);
        if (intoStore)
        {
            rest[..bytes].CopyTo(number);
        }
        else
        {
            number.CopyTo(rest);
        }

        rest = rest[bytes..];
    }
}
