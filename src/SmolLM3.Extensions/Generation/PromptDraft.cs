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
    private readonly NGramDraft[] _orders;
    private NGramDraft? _used;
    private int _source;
    private int _target;
    private int _guessed;

    /// <summary>Makes the guesser of one request.</summary>
    /// <param name="tokens">Its tokens, to which others only append.</param>
    /// <param name="mostTokens">About as many as there may come to be.</param>
    public PromptDraft(List<int> tokens, int mostTokens)
    {
        _tokens = tokens;
        _orders = [new(3, mostTokens), new(2, mostTokens), new(1, mostTokens)];
    }

    /// <summary>Guesses what comes next.</summary>
    /// <param name="most">Most tokens.</param>
    /// <returns>Tokens, often none. Valid until a token is appended.</returns>
    public ReadOnlySpan<int> Guess(int most)
    {
        ReadOnlySpan<int> tokens = CollectionsMarshal.AsSpan(_tokens);
        Learn(tokens);
        _used = null;
        foreach (NGramDraft order in _orders)
        {
            order.Index(tokens);
            if (_used is null && order.TryFind(tokens, out _source))
            {
                (_used, _target) = (order, tokens.Length);
                _guessed = order.CountTrusted(Math.Min(most, _target - _source));
            }
        }

        return _used is null ? [] : tokens.Slice(_source, _guessed);
    }

    // What was found teaches even where it was not trusted: so trust comes back.
    private void Learn(ReadOnlySpan<int> tokens)
    {
        int told = Math.Min(Math.Max(_guessed, 1), tokens.Length - _target);
        for (int i = 0; _used is not null && i < told; i++)
        {
            bool stood = tokens[_source + i] == tokens[_target + i];
            _used.Learn(i, stood);
            if (!stood)
            {
                return;
            }
        }
    }
}
