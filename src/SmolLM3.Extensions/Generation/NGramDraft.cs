using System.Numerics;

namespace SmolLM3.Extensions.Generation;

/// <summary>Finds where the last n tokens came before.</summary>
internal sealed class NGramDraft : DraftSource
{
    // A table of positions, without chains: what is overwritten is a little less to find. In one of four places a token a
    // fifth of an answer's positions meet others, and forms take a tenth fewer steps than in one of a place a token.
    private const int PlacesPerToken = 4;
    private const int LeastTable = 1 << 10;
    private const int MostTable = 1 << 17;

    private readonly int _order;
    private readonly int[] _ends;
    private int _indexed;

    /// <summary>Makes an empty one.</summary>
    /// <param name="order">n.</param>
    /// <param name="mostTokens">About as many tokens as there may come to be.</param>
    public NGramDraft(int order, int mostTokens)
    {
        (_order, _indexed) = (order, order - 1);
        long places = Math.Clamp(PlacesPerToken * (long)mostTokens, LeastTable, MostTable);
        _ends = new int[BitOperations.RoundUpToPowerOf2((uint)places)];
        Array.Fill(_ends, -1);
    }

    /// <inheritdoc/>
    public override void Follow(ReadOnlySpan<int> tokens)
    {
        // But for the last token, whose successor is wanted.
        for (; _indexed < tokens.Length - 1; _indexed++)
        {
            _ends[Place(tokens, _indexed)] = _indexed;
        }
    }

    /// <inheritdoc/>
    public override bool TryFind(ReadOnlySpan<int> tokens, out int next)
    {
        int last = tokens.Length - 1;
        int end = last < _order ? -1 : _ends[Place(tokens, last)];
        next = end + 1;
        return end >= 0 && tokens.Slice(next - _order, _order).SequenceEqual(tokens[^_order..]);
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
