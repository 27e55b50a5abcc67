using System.Runtime.InteropServices;

namespace SmolLM3.Extensions.Generation;

/// <summary>
/// Guesses the next tokens of a request from its own: what followed the last tokens when they came before, and the more
/// of these agree, the more. Who quotes, edits or fills in copies from the prompt. Guesses cost a few rows and change
/// nothing: a guess stands only if it is the very token that is chosen.
/// </summary>
internal sealed class PromptDraft
{
    /// <summary>Most guesses at a time. Up to four rows of a step share each weight once it is in registers; more cost
    /// as much each as they can save.</summary>
    public const int MostTokens = 3;

    private readonly List<int> _tokens;
    private readonly NGramDraft[] _orders;
    private NGramDraft? _used;

    /// <summary>Makes the guesser of one request.</summary>
    /// <param name="tokens">Its tokens, to which others only append.</param>
    /// <param name="mostTokens">As many as there may come to be.</param>
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
        foreach (NGramDraft order in _orders)
        {
            order.Index(tokens);
        }

        foreach (NGramDraft order in _orders)
        {
            ReadOnlySpan<int> guess = order.Guess(tokens);
            if (!guess.IsEmpty)
            {
                _used = order;
                return guess[..Math.Min(guess.Length, most)];
            }
        }

        return [];
    }

    /// <summary>Learns how good the last guess was.</summary>
    /// <param name="guessed">Tokens guessed, at least one.</param>
    /// <param name="accepted">How many of them came.</param>
    public void Learn(int guessed, int accepted) => _used?.Learn(guessed, accepted, _tokens.Count);
}
