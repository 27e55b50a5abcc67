using System.Buffers.Binary;
using System.Runtime.InteropServices;
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

    // Tokens of one line of keys are copied together, so that the line is read once.
    private readonly byte[] _tokens = new byte[Math.Min(AttentionShape.Line, store.BlockTokens) * memory.BytesPerToken];

    // Where the numbers of a key, of a value, and their scales stand from the first on, in numbers.
    private readonly int[] _keyPlaces =
        Places(config.HeadDimension, d => memory.Shape.KeyOffset(0, d) / memory.Shape.NumberBytes);

    private readonly int[] _valuePlaces =
        Places(config.HeadDimension, d => memory.Shape.ValueOffset(0, d) / memory.Shape.NumberBytes);

    private readonly int[] _scalePlaces =
        Places(memory.Shape.ScalesPerToken, line => memory.Shape.ScaleIndex(0, line));

    /// <summary>Writes a sequence.</summary>
    public void Save(int sequence, Stream destination)
    {
        int length = store.GetLength(sequence);
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic | ((ulong)memory.Shape.Type << TypeShift));
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], model);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], length);
        destination.Write(header);
        uint sum = Checksum.Add(0, header);
        for (int position = 0; position < length;)
        {
            Span<byte> tokens = TokensFrom(position, length);
            position += Copy(sequence, position, tokens, intoStore: false);
            destination.Write(tokens);
            sum = Checksum.Add(sum, tokens);
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
            for (int position = 0; position < length;)
            {
                Span<byte> tokens = TokensFrom(position, (int)length);
                Read(source, tokens);
                sum = Checksum.Add(sum, tokens);
                position += Copy(sequence, position, tokens, intoStore: true);
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

    private static int[] Places(int count, Func<int, int> place) => [.. Enumerable.Range(0, count).Select(place)];

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

    private Span<byte> TokensFrom(int position, int length)
    {
        int slot = position % store.BlockTokens;
        int sameLine = Math.Min(AttentionShape.Line - (slot % AttentionShape.Line), store.BlockTokens - slot);
        return _tokens.AsSpan(0, Math.Min(sameLine, length - position) * memory.BytesPerToken);
    }

    private int Copy(int sequence, int position, Span<byte> tokens, bool intoStore)
    {
        int block = store.GetBlocks(sequence)[position / store.BlockTokens];
        int slot = position % store.BlockTokens;
        int count = tokens.Length / memory.BytesPerToken;
        int at = 0;
        for (int layer = 0; layer < config.Layers; layer++)
        {
            for (int head = 0; head < config.KvHeads; head++)
            {
                byte* keys = memory.Keys(block, layer, head);
                byte* values = memory.Values(block, layer, head);
                for (int i = 0; i < count; i++)
                {
                    Span<byte> rest = tokens[((i * memory.BytesPerToken) + at)..];
                    CopyHead(keys, values, slot + i, rest, intoStore);
                }

                at += memory.Shape.TokenBytes;
            }
        }

        return count;
    }

    private void CopyHead(byte* keys, byte* values, int slot, Span<byte> rest, bool intoStore)
    {
        AttentionShape shape = memory.Shape;
        int scale = shape.ScaleIndex(slot, 0) * sizeof(float);
        MoveNumbers(keys + shape.KeyOffset(slot, 0), _keyPlaces, ref rest, intoStore);
        Move<float>(keys + shape.KeyScales + scale, _scalePlaces, ref rest, intoStore);
        MoveNumbers(values + shape.ValueOffset(slot, 0), _valuePlaces, ref rest, intoStore);
        Move<float>(values + shape.ValueScales + scale, _scalePlaces, ref rest, intoStore);
    }

    private void MoveNumbers(byte* stored, int[] places, ref Span<byte> rest, bool intoStore)
    {
        if (memory.Shape.HasScales)
        {
            Move<byte>(stored, places, ref rest, intoStore);
        }
        else
        {
            Move<ushort>(stored, places, ref rest, intoStore);
        }
    }

    // Between the store and the beginning of what is left of the head.
    private static void Move<T>(byte* stored, int[] places, ref Span<byte> rest, bool intoStore)
        where T : unmanaged
    {
        T* from = (T*)stored;
        Span<T> numbers = MemoryMarshal.Cast<byte, T>(rest[..(places.Length * sizeof(T))]);
        for (int i = 0; i < numbers.Length; i++)
        {
            if (intoStore)
            {
                from[places[i]] = numbers[i];
            }
            else
            {
                numbers[i] = from[places[i]];
            }
        }

        rest = rest[(places.Length * sizeof(T))..];
    }
}
