using System.Numerics;
using System.Runtime.InteropServices;

namespace SmolLM3.Extensions.Generation;

/// <summary>
/// Guesses the next tokens of a request from its own: what followed the last three tokens when they came before. Who
/// quotes, edits or fills in copies from the prompt. Guesses cost a few rows and change nothing: a guess stands only if
/// it is the very token that is chosen.
/// </summary>
internal sealed class PromptDraft
{
    /// <summary>Most guesses at a time. Up to four rows of a step share each weight once it is in registers; more cost
    /// as much each as they can save.</summary>
    public const int MostTokens = 3;

    private const int Known = 3;

    // A table of positions, without chains: what is overwritten is a little less to find.
    private const int LeastTable = 1 << 10;
    private const int MostTable = 1 << 17;

    // Where guesses fail, there are none for some tokens, and for more if they fail again.
    private const double FirstScore = 0.5;
    private const double LeastScore = 0.25;
    private const double ScoreAfterPause = 0.3;
    private const double ScoreWeight = 0.25;
    private const int LeastPause = 64;
    private const int MostPause = 512;

    private readonly List<int> _tokens;
    private readonly int[] _ends;
    private int _indexed = Known - 1;
    private double _score = FirstScore;
    private int _pause = LeastPause;
    private int _resumeAt;

    /// <summary>Makes the guesser of one request.</summary>
    /// <param name="tokens">Its tokens, to which others only append.</param>
    /// <param name="mostTokens">As many as there may come to be.</param>
    public PromptDraft(List<int> tokens, int mostTokens)
    {
        _tokens = tokens;
        int size = Math.Clamp(mostTokens, LeastTable, MostTable);
        _ends = new int[BitOperations.RoundUpToPowerOf2((uint)size)];
    }

    /// <summary>Guesses what comes next.</summary>
    /// <param name="most">Most tokens.</param>
    /// <returns>Tokens, often none. Valid until a token is appended.</returns>
    public ReadOnlySpan<int> Guess(int most)
    {
        ReadOnlySpan<int> tokens = CollectionsMarshal.AsSpan(_tokens);
        int last = tokens.Length - 1;
        for (; _indexed < last; _indexed++)
        {
            _ends[Place(tokens, _indexed)] = _indexed;
        }

        if (last < Known || tokens.Length < _resumeAt)
        {
            return [];
        }

        int end = _ends[Place(tokens, last)];
        return end >= Known - 1 && tokens.Slice(end - Known + 1, Known).SequenceEqual(tokens[^Known..])
            ? tokens.Slice(end + 1, Math.Min(Math.Min(most, MostTokens), last - end))
            : [];
    }

    /// <summary>Learns how good a guess was.</summary>
    /// <param name="guessed">Tokens guessed, at least one.</param>
    /// <param name="accepted">How many of them came.</param>
    public void Learn(int guessed, int accepted)
    {
        _score += ScoreWeight * (((double)accepted / guessed) - _score);
        if (_score < LeastScore)
        {
            _score = ScoreAfterPause;
            _resumeAt = _tokens.Count + _pause;
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
        foreach (int token in tokens.Slice(end - Known + 1, Known))
        {
            hash = (hash ^ (uint)token) * 0x9e3779b1;
            hash ^= hash >> 15;
        }

        return (int)(hash & (uint)(_ends.Length - 1));
    }
}
