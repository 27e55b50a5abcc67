using CsCheck;
using SmolLM3.Inference.Managed;

namespace SmolLM3.Inference.Tests.Managed;

public sealed class KvStoreTests
{
    private const int BlockTokens = 4;
    private const int Sequences = 4;
    private const int Context = 40;

    [Fact]
    public void Any_run_of_operations_keeps_every_token_and_every_block()
    {
        Gen.Select(Gen.Int[1, 25], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 12]).List[0, 60])
            .Sample((blocks, operations) => Replay(blocks, operations));
    }

    [Fact]
    public void A_sequence_takes_blocks_only_when_it_needs_them()
    {
        KvStore store = new(3, BlockTokens, 2, Context, new TokenMemory(3));
        Assert.Equal(1, store.BlocksNeeded(0, 4));
        store.Extend(0, 3);
        Assert.Equal(0, store.BlocksNeeded(0, 1));
        Assert.Equal(1, store.BlocksNeeded(0, 2));
        Assert.Equal(8, store.FreeTokens);
    }

    [Fact]
    public void A_prefix_shares_whole_blocks_and_copies_the_rest()
    {
        KvStore store = new(4, BlockTokens, 2, Context, new TokenMemory(4));
        store.Extend(0, 10);
        Assert.True(store.CopyPrefix(0, 1, 9));
        Assert.Equal(store.GetBlocks(0)[..2].ToArray(), store.GetBlocks(1)[..2].ToArray());
        Assert.NotEqual(store.GetBlocks(0)[2], store.GetBlocks(1)[2]);
        Assert.Equal(0, store.FreeBlocks);
    }

    [Fact]
    public void Without_a_block_for_the_rest_a_prefix_is_not_copied_at_all()
    {
        KvStore store = new(3, BlockTokens, 2, Context, new TokenMemory(3));
        store.Extend(0, 10);
        Assert.False(store.CopyPrefix(0, 1, 9));
        Assert.Equal(0, store.GetLength(1));
        store.CheckIntegrity();
        Assert.True(store.CopyPrefix(0, 1, 8));
    }

    [Fact]
    public void Writing_into_a_shared_block_after_truncating_copies_it_first()
    {
        TokenMemory memory = new(4);
        KvStore store = new(4, BlockTokens, 2, Context, memory);
        store.Extend(0, 8);
        store.CopyPrefix(0, 1, 8);
        store.Truncate(1, 6);
        Assert.Equal(1, store.BlocksNeeded(1, 1));
        store.Extend(1, 1);
        Assert.NotEqual(store.GetBlocks(0)[1], store.GetBlocks(1)[1]);
        store.CheckIntegrity();
    }

    [Fact]
    public void Of_those_who_share_a_block_and_all_grow_the_last_needs_no_copy()
    {
        KvStore store = new(4, BlockTokens, 3, Context, new TokenMemory(4));
        store.Extend(0, 8);
        store.CopyPrefix(0, 1, 8);
        store.CopyPrefix(0, 2, 8);
        store.Truncate(0, 6);
        store.Truncate(1, 6);
        store.Truncate(2, 7);

        Assert.Equal(2, store.BlocksNeeded([1, 1, 0]));
        Assert.Equal(2, store.BlocksNeeded([1, 1, 1]));
        Assert.Equal(2, store.FreeBlocks);
        foreach (int sequence in new[] { 0, 1, 2 })
        {
            store.Extend(sequence, 1);
        }

        Assert.Equal(0, store.FreeBlocks);
        store.CheckIntegrity();
    }

    // Each sequence's tokens are written into its blocks, and must still be there after whatever others do.
    private static void Replay(int blocks, List<(int Kind, int Sequence, int Other, int Count)> operations)
    {
        TokenMemory memory = new(blocks);
        KvStore store = new(blocks, BlockTokens, Sequences, Context, memory);
        List<int>[] expected = [.. Enumerable.Range(0, Sequences).Select(_ => new List<int>())];
        int token = 0;
        foreach ((int kind, int sequence, int other, int count) in operations)
        {
            int length = store.GetLength(sequence);
            if (kind == 0)
            {
                // Everyone from the one to the other grows, as in a batch.
                int[] counts = [.. Enumerable.Range(0, Sequences).Select(
                    s => s >= Math.Min(sequence, other) && s <= Math.Max(sequence, other) ? count : 0)];
                int needed = store.BlocksNeeded(counts), free = store.FreeBlocks;
                bool fits = needed <= free && !counts.Where((n, s) => store.GetLength(s) + n > Context).Any();
                for (int s = 0; fits && s < Sequences; s++)
                {
                    store.Extend(s, counts[s]);
                    for (int i = expected[s].Count; i < store.GetLength(s); i++)
                    {
                        memory.Tokens[store.GetBlocks(s)[i / BlockTokens], i % BlockTokens] = ++token;
                        expected[s].Add(token);
                    }
                }

                Assert.Equal(fits ? free - needed : free, store.FreeBlocks);
            }
            else if (kind == 1)
            {
                int keep = Math.Min(count, length);
                store.Truncate(sequence, keep);
                expected[sequence].RemoveRange(keep, length - keep);
            }
            else if (kind == 2 && sequence != other)
            {
                int keep = Math.Min(count, length);
                store.Truncate(other, 0);
                expected[other] = store.CopyPrefix(sequence, other, keep) ? expected[sequence][..keep] : [];
            }

            store.CheckIntegrity();
            for (int s = 0; s < Sequences; s++)
            {
                int[] blocksOf = store.GetBlocks(s).ToArray();
                Assert.Equal(expected[s].Count, store.GetLength(s));
                Assert.Equal(
                    expected[s],
                    expected[s].Select((_, i) => memory.Tokens[blocksOf[i / BlockTokens], i % BlockTokens]));
            }
        }
    }

    private sealed class TokenMemory(int blocks) : IBlockMemory
    {
        public int[,] Tokens { get; } = new int[blocks, BlockTokens];

        public void Copy(int source, int destination, int tokens)
        {
            for (int i = 0; i < tokens; i++)
            {
                Tokens[destination, i] = Tokens[source, i];
            }
        }
    }
}
