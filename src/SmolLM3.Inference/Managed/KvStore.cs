namespace SmolLM3.Inference.Managed;

/// <summary>
/// Who owns which block of keys and values. A sequence holds a list of blocks, each of a fixed number of tokens; a
/// block may be held by several sequences and is copied before one of them writes into it. Integers only: the bytes
/// are <see cref="IBlockMemory"/>'s business.
/// </summary>
/// <remarks>A sequence of length n holds exactly ceil(n / block tokens) blocks; the last may be partly filled.
/// </remarks>
internal sealed class KvStore
{
    private readonly IBlockMemory _memory;
    private readonly int[] _references;
    private readonly int[] _free;
    private readonly int[] _lengths;
    private readonly int[] _tables;
    private readonly int _tableLength;
    private int _freeCount;

    /// <summary>Makes an empty store.</summary>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="blockTokens">Tokens in a block.</param>
    /// <param name="sequences">Number of sequences.</param>
    /// <param name="contextLength">Most tokens of one sequence.</param>
    /// <param name="memory">Where the blocks lie.</param>
    public KvStore(int blocks, int blockTokens, int sequences, int contextLength, IBlockMemory memory)
    {
        _memory = memory;
        BlockTokens = blockTokens;
        _tableLength = BlocksOf(contextLength);
        _references = new int[blocks];
        _lengths = new int[sequences];
        _tables = new int[checked(sequences * _tableLength)];

        // The last freed is the first taken: block 0 first, then whatever is warm.
        _free = new int[blocks];
        for (_freeCount = 0; _freeCount < blocks; _freeCount++)
        {
            _free[_freeCount] = blocks - 1 - _freeCount;
        }
    }

    /// <summary>Tokens in a block.</summary>
    public int BlockTokens { get; }

    /// <summary>Number of blocks.</summary>
    public int Blocks => _references.Length;

    /// <summary>Number of sequences.</summary>
    public int Sequences => _lengths.Length;

    /// <summary>Blocks nobody holds.</summary>
    public int FreeBlocks => _freeCount;

    /// <summary>Tokens in the blocks nobody holds.</summary>
    public int FreeTokens => _freeCount * BlockTokens;

    /// <summary>Tokens of a sequence.</summary>
    public int GetLength(int sequence) => _lengths[sequence];

    /// <summary>The blocks of a sequence, in order.</summary>
    public ReadOnlySpan<int> GetBlocks(int sequence) =>
        _tables.AsSpan(sequence * _tableLength, BlocksOf(_lengths[sequence]));

    /// <summary>Free blocks it takes to make a sequence longer while the others stay.</summary>
    public int BlocksNeeded(int sequence, int tokens)
    {
        int length = _lengths[sequence];
        return BlocksOf(length + tokens) - BlocksOf(length) + (Copies(sequence, tokens) ? 1 : 0);
    }

    /// <summary>Free blocks it takes to make all sequences longer, one after the other. When everyone who holds a partly
    /// filled block grows, the last of them keeps it and needs no copy.</summary>
    /// <param name="tokens">By how many tokens each, shape <c>[sequences]</c>.</param>
    public int BlocksNeeded(ReadOnlySpan<int> tokens)
    {
        int needed = 0;
        for (int sequence = 0; sequence < tokens.Length; sequence++)
        {
            bool keepsTail = Copies(sequence, tokens[sequence])
                && CopiesOf(Tail(sequence), tokens[..(sequence + 1)]) == _references[Tail(sequence)];
            needed += BlocksNeeded(sequence, tokens[sequence]) - (keepsTail ? 1 : 0);
        }

        return needed;
    }

    /// <summary>Makes a sequence longer; the caller has seen that there is room.</summary>
    public void Extend(int sequence, int tokens)
    {
        if (Copies(sequence, tokens))
        {
            CopyTail(sequence);
        }

        int length = _lengths[sequence] + tokens;
        for (int index = BlocksOf(_lengths[sequence]); index < BlocksOf(length); index++)
        {
            Block(sequence, index) = Take();
        }

        _lengths[sequence] = length;
    }

    /// <summary>Makes an empty sequence hold the beginning of another: whole blocks are shared, a partly filled one is
    /// copied.</summary>
    /// <returns>False when there is no block for the copy; nothing has then changed.</returns>
    public bool CopyPrefix(int from, int to, int length)
    {
        int whole = length / BlockTokens;
        int rest = length - (whole * BlockTokens);
        if (rest > 0 && _freeCount == 0)
        {
            return false;
        }

        for (int index = 0; index < whole; index++)
        {
            int block = Block(from, index);
            _references[block]++;
            Block(to, index) = block;
        }

        if (rest > 0)
        {
            Block(to, whole) = Take();
            _memory.Copy(Block(from, whole), Block(to, whole), rest);
        }

        _lengths[to] = length;
        return true;
    }

    /// <summary>Makes a sequence shorter.</summary>
    public void Truncate(int sequence, int length)
    {
        for (int index = BlocksOf(_lengths[sequence]) - 1; index >= BlocksOf(length); index--)
        {
            Release(Block(sequence, index));
        }

        _lengths[sequence] = length;
    }

    /// <summary>Counts everything anew and compares.</summary>
    /// <exception cref="InvalidOperationException">A block is lost, or held more often or less often than counted.
    /// </exception>
    public void CheckIntegrity()
    {
        int[] references = new int[Blocks];
        for (int sequence = 0; sequence < Sequences; sequence++)
        {
            foreach (int block in GetBlocks(sequence))
            {
                references[block]++;
            }
        }

        bool[] free = new bool[Blocks];
        for (int i = 0; i < _freeCount; i++)
        {
            Require(!free[_free[i]], _free[i], "is free twice");
            free[_free[i]] = true;
        }

        for (int block = 0; block < Blocks; block++)
        {
            Require(references[block] == _references[block], block, $"is held {references[block]} times, but counted "
                + $"as held {_references[block]} times");
            Require(free[block] == (references[block] == 0), block, free[block] ? "is held and free" : "is lost");
        }
    }

    private static void Require(bool condition, int block, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"The key-value store is damaged: block {block} {what}.");
        }
    }

    private int BlocksOf(int tokens) => (int)(((long)tokens + BlockTokens - 1) / BlockTokens);

    private ref int Block(int sequence, int index) => ref _tables[(sequence * _tableLength) + index];

    private int Tail(int sequence) => Block(sequence, _lengths[sequence] / BlockTokens);

    // Whether growing writes into a block that others hold too.
    private bool Copies(int sequence, int tokens) =>
        tokens > 0 && _lengths[sequence] % BlockTokens != 0 && _references[Tail(sequence)] > 1;

    private int CopiesOf(int block, ReadOnlySpan<int> tokens)
    {
        int copies = 0;
        for (int sequence = 0; sequence < tokens.Length; sequence++)
        {
            copies += Copies(sequence, tokens[sequence]) && Tail(sequence) == block ? 1 : 0;
        }

        return copies;
    }

    private void CopyTail(int sequence)
    {
        int index = _lengths[sequence] / BlockTokens;
        int shared = Block(sequence, index);
        int own = Take();
        _memory.Copy(shared, own, _lengths[sequence] % BlockTokens);
        Release(shared);
        Block(sequence, index) = own;
    }

    private int Take()
    {
        int block = _free[--_freeCount];
        _references[block] = 1;
        return block;
    }

    private void Release(int block)
    {
        if (--_references[block] == 0)
        {
            _free[_freeCount++] = block;
        }
    }
}
