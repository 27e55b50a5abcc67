using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LLama.Native;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>
/// A sequence's keys and values as bytes, little-endian:
/// <code>
/// magic (8) | model (8) | tokens (8) | bytes of the state (8)
/// llama.cpp's state of the sequence
/// CRC-32C of all that (4)
/// </code>
/// llama.cpp's own state names neither the model nor its length.
/// </summary>
internal sealed unsafe class LlamaSequenceStates(
    SafeLLamaContextHandle context, ulong model, KvCacheType type, int kvBytesPerToken)
{
    private const ulong Magic = 0x0100_414C_334D_4C53; // "SLM3LA", type of the numbers, version 1
    private const int TypeShift = 48;
    private const int HeaderBytes = 32;
    private const int PieceBytes = 1 << 20;

    private ulong OwnMagic => Magic | ((ulong)type << TypeShift);

    /// <summary>Writes a sequence.</summary>
    public void Save(int sequence, int length, Stream destination)
    {
        nuint bytes = length == 0 ? 0 : context.GetStateSize((LLamaSeqId)sequence);
        byte* state = (byte*)NativeMemory.Alloc(Math.Max(bytes, 1));
        try
        {
            if (bytes > 0 && context.GetState(state, bytes, (LLamaSeqId)sequence) is var written && written != bytes)
            {
                throw new LlamaException($"llama.cpp wrote {written} of {bytes} bytes of sequence {sequence}.");
            }

            Span<byte> header = stackalloc byte[HeaderBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(header, OwnMagic);
            BinaryPrimitives.WriteUInt64LittleEndian(header[8..], model);
            BinaryPrimitives.WriteInt64LittleEndian(header[16..], length);
            BinaryPrimitives.WriteInt64LittleEndian(header[24..], (long)bytes);
            destination.Write(header);
            uint sum = Checksum.Add(0, header);
            for (long at = 0; at < (long)bytes; at += PieceBytes)
            {
                Span<byte> piece = Piece(state, at, (long)bytes);
                destination.Write(piece);
                sum = Checksum.Add(sum, piece);
            }

            Span<byte> end = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(end, sum);
            destination.Write(end);
        }
        finally
        {
            NativeMemory.Free(state);
        }
    }

    /// <summary>Fills an empty sequence.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="source">What <see cref="Save"/> wrote.</param>
    /// <param name="mostTokens">Tokens there is room for.</param>
    /// <param name="length">Tokens it has now.</param>
    /// <returns>False when there is no room for it.</returns>
    /// <exception cref="InvalidDataException">The data is truncated, damaged or of another model; the sequence stays
    /// empty.</exception>
    public bool TryLoad(int sequence, Stream source, int mostTokens, out int length)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Read(source, header);
        (long tokens, long bytes) = CheckHeader(header);
        length = (int)Math.Min(tokens, int.MaxValue);
        if (tokens > mostTokens)
        {
            return false;
        }

        byte* state = (byte*)NativeMemory.Alloc((nuint)Math.Max(bytes, 1));
        try
        {
            uint sum = Checksum.Add(0, header);
            for (long at = 0; at < bytes; at += PieceBytes)
            {
                Span<byte> piece = Piece(state, at, bytes);
                Read(source, piece);
                sum = Checksum.Add(sum, piece);
            }

            Span<byte> end = stackalloc byte[sizeof(uint)];
            Read(source, end);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != sum)
            {
                throw new InvalidDataException("The saved sequence is damaged: its checksum is wrong.");
            }

            Set(sequence, state, bytes, length);
            return true;
        }
        finally
        {
            NativeMemory.Free(state);
        }
    }

    private void Set(int sequence, byte* state, long bytes, int length)
    {
        if (bytes == 0)
        {
            return;
        }

        nuint read = context.SetState(state, (nuint)bytes, (LLamaSeqId)sequence);
        int found = (int)context.MemorySequenceMaxPosition((LLamaSeqId)sequence) + 1;
        if (read != (nuint)bytes || found != length)
        {
            context.MemorySequenceRemove((LLamaSeqId)sequence, 0, -1);
            throw new InvalidDataException(
                $"llama.cpp cannot read the saved sequence: it took {read} of {bytes} bytes, and {found} of {length} "
                + "tokens. It was saved with other settings, such as FlashAttention.");
        }
    }

    // llama.cpp keeps a little more than the numbers themselves. A damaged length must not take memory.
    private double MostBytes(long tokens) => (tokens * (kvBytesPerToken + 64.0)) + (1 << 16);

    private (long Tokens, long Bytes) CheckHeader(ReadOnlySpan<byte> header)
    {
        ulong magic = BinaryPrimitives.ReadUInt64LittleEndian(header);
        long tokens = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        long bytes = BinaryPrimitives.ReadInt64LittleEndian(header[24..]);
        var saved = (KvCacheType)(byte)(magic >> TypeShift);
        if ((magic & ~(0xFFul << TypeShift)) != Magic || !Enum.IsDefined(saved) || tokens < 0 || bytes < 0
            || (tokens == 0) != (bytes == 0) || bytes > MostBytes(tokens))
        {
            throw new InvalidDataException("This is not a saved sequence, or one of another version.");
        }

        return saved != type
            ? throw new InvalidDataException($"The saved sequence holds {saved} numbers, but this engine keeps {type}.")
            : BinaryPrimitives.ReadUInt64LittleEndian(header[8..]) != model
                ? throw new InvalidDataException("The saved sequence is of another model.")
                : (tokens, bytes);
    }

    private static Span<byte> Piece(byte* state, long at, long bytes) =>
        new(state + at, (int)Math.Min(PieceBytes, bytes - at));

    private static void Read(Stream source, Span<byte> destination)
    {
        if (source.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
        {
            throw new InvalidDataException("The saved sequence is truncated.");
        }
    }
}
