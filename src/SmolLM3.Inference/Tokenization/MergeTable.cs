using System.Numerics;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Which two neighbouring tokens become which, and how urgently: a lower rank merges first. One flat table whose
/// entries hold left id, right id and rank in 64 bits, so that a look-up costs one cache miss.
/// </summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge: later than all.</summary>
    public const int None = int.MaxValue;

    private const int IdBits = 21;
    private const int RankBits = 22;
    private const ulong Vacant = ulong.MaxValue;

    private readonly ulong[] _table;
    private readonly int[] _merged;
    private readonly int _shift;

    /// <summary>Indexes the merges.</summary>
    /// <exception cref="GgufFormatException">A merge is malformed or names a token that is not there.</exception>
    /// <exception cref="UnsupportedModelException">There are more tokens or merges than an entry can hold.</exception>
    public MergeTable(Vocabulary vocabulary, AddedTokens added, GgufStringArray merges)
    {
        // Ids and ranks stay below the last value, so that no entry looks vacant.
        if (vocabulary.Count >= 1 << IdBits || merges.Count >= 1 << RankBits)
        {
            throw new UnsupportedModelException($"The vocabulary has {vocabulary.Count} tokens and {merges.Count} "
                + $"merges; at most {(1 << IdBits) - 1} and {(1 << RankBits) - 1} are supported.");
        }

        int bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(merges.Count, 1) * 2));
        _shift = 64 - bits;
        _table = new ulong[1 << bits];
        Array.Fill(_table, Vacant);
        _merged = new int[merges.Count];

        var parser = new MergeParser(vocabulary, added, merges);
        for (int rank = 0; rank < merges.Count; rank++)
        {
            if (parser.TryRead(rank, out int left, out int right, out _merged[rank]))
            {
                Add(Pair(left, right), rank);
            }
        }
    }

    /// <summary>The rank of two neighbours, or <see cref="None"/>.</summary>
    public int GetRank(int left, int right)
    {
        ulong[] table = _table;
        ulong pair = Pair(left, right);
        for (int slot = Slot(pair); ; slot = slot + 1 < table.Length ? slot + 1 : 0)
        {
            ulong entry = table[slot];
            if (entry >> RankBits == pair)
            {
                return (int)(entry & ((1 << RankBits) - 1));
            }

            if (entry == Vacant)
            {
                return None;
            }
        }
    }

    /// <summary>What the pair of a rank becomes.</summary>
    public int GetMerged(int rank) => _merged[rank];

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << IdBits) | (uint)right;

    private int Slot(ulong pair) => (int)((pair * 0x9E37_79B9_7F4A_7C15) >> _shift);

    private void Add(ulong pair, int rank)
    {
        int slot = Slot(pair);
        while (_table[slot] != Vacant)
        {
            if (_table[slot] >> RankBits == pair)
            {
                return; // Said twice: the more urgent rank came first.
            }

            slot = (slot + 1) & (_table.Length - 1);
        }

        _table[slot] = (pair << RankBits) | (uint)rank;
    }
}
