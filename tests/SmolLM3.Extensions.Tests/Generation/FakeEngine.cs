using System.Text;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>
/// An engine whose logits are a hash of the sequence's whole history: a wrong token, position, slot or shared prefix
/// anywhere gives another answer. Stores tokens in reference-counted blocks, so that room and sharing behave as in a
/// real one, and checks every rule of the contract.
/// </summary>
internal sealed class FakeEngine : IInferenceEngine
{
    private readonly int _blockSize;
    private readonly Stored[] _sequences;
    private readonly SequenceAdapters _adapters;
    private readonly List<float[]> _logits = [];
    private int _logitsCount;
    private int _freeBlocks;

    public FakeEngine(EngineLimits limits, int vocabularySize = 32, int blockSize = 4, int missingTokens = 0)
    {
        Limits = limits;
        Model = new ModelInfo("fake", null, vocabularySize, limits.ContextLength, 0, 1);
        _blockSize = blockSize;
        _freeBlocks = (limits.CapacityTokens - missingTokens) / blockSize;
        _adapters = new SequenceAdapters(limits.MaxSequences);
        _sequences = [.. Enumerable.Range(0, limits.MaxSequences).Select(_ => new Stored())];
        for (int i = 0; i < limits.MaxBatchRows; i++)
        {
            _logits.Add(new float[vocabularySize]);
        }
    }

    public ModelInfo Model { get; }

    public EngineInfo Info { get; set; } = new("fake", "none", 1, IsBatchInvariant: true) { MixesAdapters = true };

    public EngineLimits Limits { get; }

    public int FreeTokens => _freeBlocks * _blockSize;

    /// <summary>Called before a batch is computed, and again when half of its rows are; may throw.</summary>
    public Action<Batch>? OnForward { get; set; }

    /// <summary>Called before a truncation; may throw.</summary>
    public Action? OnTruncate { get; set; }

    /// <summary>Called before a sequence is saved; may throw.</summary>
    public Action? OnSave { get; set; }

    /// <summary>Told of every adapter that was unloaded.</summary>
    public Action<int>? OnUnload { get; set; }

    /// <summary>Changes the logits a history gives.</summary>
    public Action<IReadOnlyList<int>, float[]>? OnLogits { get; set; }

    /// <summary>Rows computed so far.</summary>
    public int Rows { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>The logits after a history, by definition.</summary>
    public static void FillLogits(IReadOnlyList<int> history, AdapterSet adapters, Span<float> logits) =>
        FillLogits(history.Aggregate(Start(adapters), Hash), logits);

    public ForwardStatus Forward(Batch batch)
    {
        Check(batch.Count > 0 && batch.Count <= Limits.MaxBatchRows, "rows");
        if (!Info.MixesAdapters)
        {
            _adapters.RequireOneSet(batch);
        }

        OnForward?.Invoke(batch);
        if (BlocksNeeded(batch) > _freeBlocks)
        {
            return ForwardStatus.OutOfRoom;
        }

        _logitsCount = batch.LogitsCount;
        for (int i = 0; i < batch.Count; i++)
        {
            if (i == batch.Count / 2)
            {
                OnForward?.Invoke(batch);
            }

            Append(batch.Rows[i]);
        }

        return ForwardStatus.Completed;
    }

    public Span<float> GetLogits(int index)
    {
        Check(index >= 0 && index < _logitsCount, "logits index");
        return _logits[index];
    }

    public int GetLength(int sequence) => _sequences[sequence].Tokens.Count;

    public bool CopyPrefix(int from, int to, int length)
    {
        Check(from != to && GetLength(to) == 0 && length >= 0 && length <= GetLength(from), "copy");
        _adapters.RequireEqual(from, to);
        int whole = length / _blockSize;
        bool needsCopy = length % _blockSize > 0;
        if (needsCopy && _freeBlocks == 0)
        {
            return false;
        }

        Stored source = _sequences[from], target = _sequences[to];
        target.Tokens.AddRange(source.Tokens.Take(length));
        target.Hashes.AddRange(source.Hashes.Take(length));
        foreach (Block block in source.Blocks.Take(whole))
        {
            block.References++;
            target.Blocks.Add(block);
        }

        if (needsCopy)
        {
            AddBlock(target);
        }

        return true;
    }

    public void Truncate(int sequence, int length)
    {
        OnTruncate?.Invoke();
        Stored stored = _sequences[sequence];
        Check(length >= 0 && length <= stored.Tokens.Count, "truncate");
        stored.Tokens.RemoveRange(length, stored.Tokens.Count - length);
        stored.Hashes.RemoveRange(length, stored.Hashes.Count - length);
        while (stored.Blocks.Count * _blockSize >= length + _blockSize)
        {
            Drop(stored.Blocks[^1]);
            stored.Blocks.RemoveAt(stored.Blocks.Count - 1);
        }
    }

    public void SaveSequence(int sequence, Stream destination)
    {
        OnSave?.Invoke();
        using BinaryWriter writer = new(destination, Encoding.UTF8, leaveOpen: true);
        writer.Write(GetLength(sequence));
        _sequences[sequence].Tokens.ForEach(writer.Write);
    }

    public bool LoadSequence(int sequence, Stream source)
    {
        Check(GetLength(sequence) == 0, "load");
        using BinaryReader reader = new(source, Encoding.UTF8, leaveOpen: true);
        int length = reader.ReadInt32();
        if (length > Limits.ContextLength || (length + _blockSize - 1) / _blockSize > _freeBlocks)
        {
            return false;
        }

        for (int i = 0; i < length; i++)
        {
            int token = reader.ReadInt32();
            if ((uint)token >= (uint)Model.VocabularySize)
            {
                Truncate(sequence, 0);
                throw new InvalidDataException("The fake state is broken.");
            }

            Store(sequence, token);
        }

        return true;
    }

    public int LoadAdapter(GgufFile file) => _adapters.Add();

    public void UnloadAdapter(int adapter)
    {
        _adapters.Remove(adapter, GetLength);
        OnUnload?.Invoke(adapter);
    }

    public void SetAdapters(int sequence, AdapterSet adapters) =>
        _adapters.Set(sequence, adapters, GetLength(sequence));

    public AdapterSet GetAdapters(int sequence) => _adapters.Get(sequence);

    public void Dispose() => IsDisposed = true;

    public void CheckIntegrity()
    {
        HashSet<Block> blocks = [.. _sequences.SelectMany(stored => stored.Blocks)];
        Check(blocks.Sum(block => block.References) == _sequences.Sum(stored => stored.Blocks.Count), "references");
    }

    private static ulong Start(AdapterSet adapters) => adapters.Uses.Aggregate(
        0ul, (hash, use) => Hash(Hash(hash, use.Adapter), BitConverter.SingleToInt32Bits(use.Scale)));

    private static ulong Hash(ulong hash, int token) => Mix((hash * 31) + (ulong)token + 1);

    private static void FillLogits(ulong hash, Span<float> logits)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = ((Mix(hash + ((ulong)i * 0x9E3779B97F4A7C15ul)) >> 40) * (8f / (1 << 24))) - 4;
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCDul;
        value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53ul;
        return value ^ (value >> 33);
    }

    private static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new ArgumentException($"The engine's contract is broken: {what}.");
        }
    }

    private int BlocksNeeded(Batch batch)
    {
        int needed = 0;
        for (int sequence = 0; sequence < _sequences.Length; sequence++)
        {
            Stored stored = _sequences[sequence];
            int length = stored.Tokens.Count, rows = 0;
            foreach (BatchRow row in batch.Rows)
            {
                if (row.Sequence == sequence)
                {
                    Check(row.Position == length + rows++, "position");
                    Check(row.Position < Limits.ContextLength, "context");
                    Check((uint)row.Token < (uint)Model.VocabularySize, "token id");
                }
            }

            if (rows > 0)
            {
                needed += ((length + rows + _blockSize - 1) / _blockSize) - stored.Blocks.Count;
                needed += IsSharedAtEnd(stored) ? 1 : 0;
            }
        }

        return needed;
    }

    private bool IsSharedAtEnd(Stored stored) =>
        stored.Tokens.Count % _blockSize > 0 && stored.Blocks[^1].References > 1;

    private void Append(BatchRow row)
    {
        Rows++;
        Stored stored = _sequences[row.Sequence];
        Store(row.Sequence, row.Token);
        if (row.LogitsIndex >= 0)
        {
            FillLogits(stored.Hashes[^1], _logits[row.LogitsIndex]);
            OnLogits?.Invoke(stored.Tokens, _logits[row.LogitsIndex]);
        }
    }

    private void Store(int sequence, int token)
    {
        Stored stored = _sequences[sequence];
        if (IsSharedAtEnd(stored))
        {
            Drop(stored.Blocks[^1]);
            stored.Blocks.RemoveAt(stored.Blocks.Count - 1);
            AddBlock(stored);
        }
        else if (stored.Tokens.Count % _blockSize == 0)
        {
            AddBlock(stored);
        }

        stored.Tokens.Add(token);
        stored.Hashes.Add(Hash(stored.Hashes.Count == 0 ? Start(GetAdapters(sequence)) : stored.Hashes[^1], token));
    }

    private void AddBlock(Stored stored)
    {
        Check(_freeBlocks-- > 0, "room");
        stored.Blocks.Add(new Block());
    }

    private void Drop(Block block) => _freeBlocks += --block.References == 0 ? 1 : 0;

    private sealed class Block
    {
        public int References { get; set; } = 1;
    }

    private sealed class Stored
    {
        public List<int> Tokens { get; } = new(1024);

        public List<ulong> Hashes { get; } = new(1024);

        public List<Block> Blocks { get; } = [];
    }
}
