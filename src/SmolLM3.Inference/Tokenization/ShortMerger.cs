namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Merges the symbols of a short piece of text: looks through all neighbours for the most urgent, merges, looks again.
/// Quadratic, and for a word faster than keeping a queue.
/// </summary>
internal static class ShortMerger
{
    /// <summary>Longest piece it is used for, in symbols; from about here on the queue is faster.</summary>
    public const int MaxLength = 64;

    /// <summary>Merges what merges, the lowest rank first and of equal ones the leftmost.</summary>
    /// <param name="merges">The merges.</param>
    /// <param name="ids">At most <see cref="MaxLength"/> symbols; afterwards the tokens, at the front.</param>
    /// <returns>Number of tokens.</returns>
    public static int Merge(MergeTable merges, Span<int> ids)
    {
        // ranks[i] is that of symbols i and i + 1.
        Span<int> ranks = stackalloc int[MaxLength];
        for (int i = 0; i < ids.Length - 1; i++)
        {
            ranks[i] = merges.GetRank(ids[i], ids[i + 1]);
        }

        while (ids.Length > 1)
        {
            int best = IndexOfLowest(ranks[..(ids.Length - 1)]);
            if (ranks[best] == MergeTable.None)
            {
                break;
            }

            ids[best] = merges.GetMerged(ranks[best]);
            ids[(best + 2)..].CopyTo(ids[(best + 1)..]);
            ids = ids[..^1];
            ranks[(best + 1)..ids.Length].CopyTo(ranks[best..]);
            if (best > 0)
            {
                ranks[best - 1] = merges.GetRank(ids[best - 1], ids[best]);
            }

            if (best < ids.Length - 1)
            {
                ranks[best] = merges.GetRank(ids[best], ids[best + 1]);
            }
        }

        return ids.Length;
    }

    private static int IndexOfLowest(ReadOnlySpan<int> ranks)
    {
        int best = 0;
        for (int i = 1; i < ranks.Length; i++)
        {
            if (ranks[i] < ranks[best])
            {
                best = i;
            }
        }

        return best;
    }
}
