using System.Buffers;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Merges the symbols of a piece of text of any length in O(n log n): a linked list of symbols, and a queue of possible
/// merges in which outdated ones are recognised when they come up.
/// </summary>
internal static class LongMerger
{
    private const int Gone = -1;

    /// <summary>Merges what merges, the lowest rank first and of equal ones the leftmost.</summary>
    /// <param name="merges">The merges.</param>
    /// <param name="ids">The symbols; afterwards the tokens, at the front.</param>
    /// <param name="steps">The work it was, in moves of queue entries.</param>
    /// <returns>Number of tokens.</returns>
    public static int Merge(MergeTable merges, Span<int> ids, out long steps)
    {
        int length = ids.Length;
        int[] rented = ArrayPool<int>.Shared.Rent(length * 3);
        Span<int> next = rented.AsSpan(0, length);
        Span<int> previous = rented.AsSpan(length, length);

        // ranks[i]: that of symbol i with the next one, as it is now. A queue entry of another rank is outdated.
        Span<int> ranks = rented.AsSpan(2 * length, length);
        using var queue = new MergeQueue(length);
        for (int i = 0; i < length; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            Offer(merges, ids, next, ranks, queue, i);
        }

        while (queue.TryPop(out int rank, out int left))
        {
            if (ranks[left] != rank)
            {
                continue;
            }

            int right = next[left];
            ids[left] = merges.GetMerged(rank);
            ranks[right] = Gone;
            next[left] = next[right];
            if (next[left] < length)
            {
                previous[next[left]] = left;
            }

            Offer(merges, ids, next, ranks, queue, left);
            if (previous[left] >= 0)
            {
                Offer(merges, ids, next, ranks, queue, previous[left]);
            }
        }

        int count = 0;
        for (int i = 0; i < length; i = next[i])
        {
            ids[count++] = ids[i];
        }

        ArrayPool<int>.Shared.Return(rented);
        steps = queue.Moves;
        return count;
    }

    private static void Offer(
        MergeTable merges, Span<int> ids, Span<int> next, Span<int> ranks, MergeQueue queue, int left)
    {
        int right = next[left];
        ranks[left] = right < ids.Length ? merges.GetRank(ids[left], ids[right]) : MergeTable.None;
        if (ranks[left] != MergeTable.None)
        {
            queue.Push(ranks[left], left);
        }
    }
}
