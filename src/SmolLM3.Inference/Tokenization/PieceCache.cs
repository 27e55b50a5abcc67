using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Remembers the tokens of pieces of text met before: most words of a text are common words. One slot a hash, the last
/// comer stays, so the size is fixed and nothing is allocated. For one thread at a time.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>Longest piece it keeps, in bytes.</summary>
    public const int MaxLength = (3 * sizeof(ulong)) - 1;

    /// <summary>Most tokens of a piece it keeps.</summary>
    public const int MaxTokens = 9;

#if DEBUG
    private const int Slots = 32; // few, so that pieces push each other out in every test
#else
    private const int Slots = 4096; // of 64 bytes: 256 KiB, which stays in a core's second-level cache
#endif

    private readonly Slot[] _slots = new Slot[Slots];

    /// <summary>Looks a piece up and adds its tokens.</summary>
    public bool TryGet(in Key key, List<int> destination)
    {
        ref Slot slot = ref _slots[key.Hash % Slots];
        if (slot.Count == 0 || !slot.Key.Equals(key))
        {
            return false;
        }

        destination.AddRange(((ReadOnlySpan<int>)slot.Ids)[..slot.Count]);
        return true;
    }

    /// <summary>Keeps a piece's tokens, if they are few enough.</summary>
    public void Set(in Key key, ReadOnlySpan<int> ids)
    {
        if (ids.Length <= MaxTokens)
        {
            ref Slot slot = ref _slots[key.Hash % Slots];
            slot.Key = key;
            slot.Count = ids.Length;
            ids.CopyTo(slot.Ids);
        }
    }

    /// <summary>A piece of at most <see cref="MaxLength"/> bytes as three words, the length in the last byte.</summary>
    public readonly struct Key
    {
        private readonly ulong _first;
        private readonly ulong _second;
        private readonly ulong _third;

        /// <summary>Makes one.</summary>
        public Key(ReadOnlySpan<byte> piece)
        {
            Span<ulong> words = stackalloc ulong[3];
            words.Clear();
            Span<byte> bytes = MemoryMarshal.AsBytes(words);
            piece.CopyTo(bytes[..MaxLength]);
            bytes[MaxLength] = (byte)piece.Length;
            (_first, _second, _third) = (words[0], words[1], words[2]);
        }

        /// <summary>A hash.</summary>
        public uint Hash => (uint)ByteHash.Mix(ByteHash.Mix(_first, _second), _third);

        /// <summary>Whether it is the same piece.</summary>
        public bool Equals(in Key other)
            => _first == other._first && _second == other._second && _third == other._third;
    }

    private struct Slot
    {
        public Key Key;
        public int Count;
        public TokenIds Ids;
    }

    [InlineArray(MaxTokens)]
    private struct TokenIds
    {
        private int _first;
    }
}
