using System.Numerics;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// The tokens: their bytes, their kinds, and the ids of those that text is spelt with. Added and unknown tokens are not
/// among the latter: whatever ordinary text says, their ids cannot come out.
/// </summary>
internal sealed class Vocabulary
{
    private const int Vacant = -1;

    // All tokens' bytes in one array; token i is [_offsets[i], _offsets[i + 1]).
    private readonly byte[] _bytes;
    private readonly int[] _offsets;
    private readonly TokenKind[] _kinds;

    // Open addressing, linear probing, at most half full; of two tokens with the same bytes the later one is kept.
    private readonly int[] _ids;
    private readonly int[] _byteIds = new int[256];

    /// <summary>Decodes and indexes the tokens.</summary>
    /// <exception cref="GgufFormatException">Kinds and tokens differ in number, or a byte has no token.</exception>
    public Vocabulary(GgufStringArray tokens, long[]? kinds)
    {
        _kinds = Kinds(kinds, tokens.Count);
        _offsets = new int[tokens.Count + 1];
        _ids = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(tokens.Count, 1) * 2)];
        Array.Fill(_ids, Vacant);

        _bytes = new byte[TotalLength(tokens)];
        for (int id = 0; id < tokens.Count; id++)
        {
            int length = Decode(tokens[id], _kinds[id], _bytes.AsSpan(_offsets[id]), out bool spelt);
            _offsets[id + 1] = _offsets[id] + length;
            if (spelt)
            {
                _ids[FindSlot(GetBytes(id))] = id;
            }
        }

        IndexBytes();
    }

    /// <summary>Number of tokens.</summary>
    public int Count => _kinds.Length;

    /// <summary>The bytes a token stands for.</summary>
    public ReadOnlySpan<byte> GetBytes(int id) => _bytes.AsSpan(_offsets[id].._offsets[id + 1]);

    /// <summary>The token's kind.</summary>
    public TokenKind GetKind(int id) => _kinds[id];

    /// <summary>Whether the token is matched by its text and never spelt.</summary>
    public bool IsAdded(int id) => _kinds[id] is TokenKind.Control or TokenKind.UserDefined;

    /// <summary>The token of a single byte.</summary>
    public int GetByteId(byte value) => _byteIds[value];

    /// <summary>The token, among those text is spelt with, that stands for these bytes.</summary>
    public bool TryFind(ReadOnlySpan<byte> bytes, out int id)
    {
        id = _ids[FindSlot(bytes)];
        return id != Vacant;
    }

    // Added tokens, and texts in another alphabet, stand for themselves; text is not spelt with them.
    private static int Decode(ReadOnlySpan<byte> text, TokenKind kind, Span<byte> bytes, out bool spelt)
    {
        bool literal = kind is TokenKind.Control or TokenKind.UserDefined or TokenKind.Unknown;
        if (!literal && ByteAlphabet.TryDecode(text, bytes, out int length))
        {
            spelt = length > 0;
            return length;
        }

        text.CopyTo(bytes);
        spelt = false;
        return text.Length;
    }

    private static TokenKind[] Kinds(long[]? kinds, int count)
    {
        var result = new TokenKind[count];
        if (kinds is null)
        {
            Array.Fill(result, TokenKind.Normal);
            return result;
        }

        if (kinds.Length != count)
        {
            throw new GgufFormatException($"{TokenizerData.TokensKey} has {count} entries, but "
                + $"{TokenizerData.KindsKey} has {kinds.Length}. The file is damaged: convert or download it again.");
        }

        for (int id = 0; id < count; id++)
        {
            if (kinds[id] is < 0 or > (long)TokenKind.Byte)
            {
                throw new GgufFormatException($"{TokenizerData.KindsKey} says {kinds[id]} for token {id}, but kinds go "
                    + $"from 0 to {(int)TokenKind.Byte}. The file is damaged: convert or download it again.");
            }

            result[id] = (TokenKind)kinds[id];
        }

        return result;
    }

    private static int TotalLength(GgufStringArray tokens)
    {
        int length = 0;
        for (int id = 0; id < tokens.Count; id++)
        {
            length += tokens[id].Length;
        }

        return length;
    }

    private int FindSlot(ReadOnlySpan<byte> bytes)
    {
        int mask = _ids.Length - 1;
        int slot = (int)ByteHash.Compute(bytes) & mask;
        while (_ids[slot] != Vacant && !GetBytes(_ids[slot]).SequenceEqual(bytes))
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void IndexBytes()
    {
        for (int value = 0; value < _byteIds.Length; value++)
        {
            if (!TryFind([(byte)value], out _byteIds[value]))
            {
                throw new GgufFormatException($"The vocabulary has no token for the byte 0x{value:X2} "
                    + $"('{ByteAlphabet.ToChar((byte)value)}' in {TokenizerData.TokensKey}): it cannot spell all text. "
                    + "Use a file with a whole byte-level vocabulary.");
            }
        }
    }
}
