using System.Numerics;

namespace SmolLM3.Extensions.Generation;

/// <summary>
/// Finds where the last n tokens came before, and knows how often what followed them came again.
/// </summary>
internal sealed class NGramDraft
{
    // A table of positions, without chains: what is overwritten is a little less to find.
    private const int LeastTable = 1 << 10;
    private const int MostTable = 1 << 17;

    // A row of a step costs a quarter of the first, so a guess pays above that. Chosen on the recorded answers of the
    // benchmark, as are the next three.
    private const double LeastTrust = 0.3;
    private const double FirstTrust = 0.3;
    private const double FirstTrustBehind = 0.75;
    private const double Forgetting = 0.05;

    private readonly int _order;
    private readonly int[] _ends;
    private readonly double[] _stood = new double[PromptDraft.MostTokens];
    private readonly double[] _tried = new double[PromptDraft.MostTokens];
    private int _indexed;

    /// <summary>Makes an empty one.</summary>
    /// <param name="order">n.</param>
    /// <param name="mostTokens">About as many tokens as there may come to be.</param>
    public NGramDraft(int order, int mostTokens)
    {
        (_order, _indexed) = (order, order - 1);
        _ends = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(mostTokens, LeastTable, MostTable))];
        Array.Fill(_ends, -1);
        Array.Fill(_tried, 1);
        Array.Fill(_stood, FirstTrustBehind);
        _stood[0] = FirstTrust;
    }

    /// <summary>Takes note of what came, but for the last token, whose successor is wanted.</summary>
    public void Index(ReadOnlySpan<int> tokens)
    {
        for (; _indexed < tokens.Length - 1; _indexed++)
        {
            _ends[Place(tokens, _indexed)] = _indexed;
        }
    }

    /// <summary>Finds the last place where the last n tokens came before.</summary>
    /// <param name="tokens">All tokens.</param>
    /// <param name="next">The place behind it.</param>
    public bool TryFind(ReadOnlySpan<int> tokens, out int next)
    {
        int last = tokens.Length - 1;
        int end = last < _order ? -1 : _ends[Place(tokens, last)];
        next = end + 1;
        return end >= 0 && tokens.Slice(next - _order, _order).SequenceEqual(tokens[^_order..]);
    }

    /// <summary>How many of the tokens behind a place are likely enough to come again, all of them.</summary>
    /// <param name="most">Most tokens.</param>
    public int CountTrusted(int most)
    {
        double all = 1;
        int count = 0;
        while (count < most && (all *= _stood[count] / _tried[count]) >= LeastTrust)
        {
            count++;
        }

        return count;
    }

    /// <summary>Learns whether a token came again, when all before it did.</summary>
    /// <param name="index">Which one behind the place, from 0.</param>
    /// <param name="stood">Whether it did.</param>
    public void Learn(int index, bool stood)
    {
        _stood[index] = (_stood[index] * (1 - Forgetting)) + (stood ? 1 : 0);
        _tried[index] = (_tried[index] * (1 - Forgetting)) + 1;
    }

    private int Place(ReadOnlySpan<int> tokens, int end)
    {
        uint hash = 0;
        foreach (int token in tokens.Slice(end - _order + 1, _order))
        {
            hash = (hash ^ (uint)token) * 0x9e3779b1;
            hash ^= hash >> 15;
        }

        return (int)(hash & (uint)(_ends.Length - 1));
    }
}
