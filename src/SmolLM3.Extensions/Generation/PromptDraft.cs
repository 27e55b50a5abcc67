using System.Runtime.InteropServices;

namespace SmolLM3.Extensions.Generation;

/// <summary>
/// Guesses the next tokens of a request from its own: what followed the last tokens when they came before. Who quotes,
/// edits or fills in copies from the prompt. Guesses cost a few rows and change nothing: a guess stands only if it is
/// the very token that is chosen.
/// </summary>
internal sealed class PromptDraft
{
    /// <summary>Most guesses at a time. Up to four rows of a step share each weight once it is in registers; more cost
    /// as much each as they can save.</summary>
    public const int MostTokens = 3;

    private readonly List<int> _tokens;
    private readonly ResumedDraft _resumed = new();
    private readonly DraftSource[] _sources;
    private DraftSource? _used;
    private int _source;
    private int _target;
    private int _guessed;

    /// <summary>Makes the guesser of one request.</summary>
    /// <param name="tokens">Its tokens, to which others only append.</param>
    /// <param name="mostTokens">About as many as there may come to be.</param>
    public PromptDraft(List<int> tokens, int mostTokens)
    {
        _tokens = tokens;
        _sources =
        [
            new NGramDraft(3, mostTokens), _resumed, new NGramDraft(2, mostTokens), new NGramDraft(1, mostTokens),
        ];
    }

    /// <summary>Guesses what comes next.</summary>
    /// <param name="most">Most tokens.</param>
    /// <returns>Tokens, often none. Valid until a token is appended.</returns>
    public ReadOnlySpan<int> Guess(int most)
    {
        ReadOnlySpan<int> tokens = CollectionsMarshal.AsSpan(_tokens);
        Learn(tokens);
        _used = null;
        foreach (DraftSource source in _sources)
        {
            source.Follow(tokens);
            if (_used is null && source.TryFind(tokens, out _source))
            {
                (_used, _target) = (source, tokens.Length);
                _guessed = source.CountTrusted(Math.Min(most, _target - _source));
            }
        }

        return _used is null ? [] : tokens.Slice(_source, _guessed);
    }

    // What was found teaches even where it was not trusted: so trust comes back.
    private void Learn(ReadOnlySpan<int> tokens)
    {
        if (_used is null)
        {
            return;
        }

        int copied = tokens[_source..].CommonPrefixLength(tokens[_target..]);
        int told = Math.Min(Math.Max(_guessed, 1), tokens.Length - _target);
        for (int i = 0; i < Math.Min(told, copied + 1); i++)
        {
            _used.Learn(i, i < copied);
        }

        if (copied > 0)
        {
            _resumed.Leave(_source + copied);
        }
    }
}
