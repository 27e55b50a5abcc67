namespace SmolLM3.Extensions.Sampling;

/// <summary>
/// Counts the tokens of thoughts and, once they are as many as allowed, closes the open thought and lets no other one
/// begin. Opening and closing are token ids: the same characters spelt by other tokens are text.
/// </summary>
/// <param name="open">The token that opens a thought.</param>
/// <param name="close">The token that closes one.</param>
/// <param name="budget">Tokens allowed within all thoughts together; null: any number, they are only counted.</param>
/// <param name="closing">What is forced when they are spent; <paramref name="close"/> among it.</param>
/// <param name="startsInside">Whether the prompt ends within a thought.</param>
/// <param name="endsCharacter">Called with each token of a thought, in order; false when it ends in the middle of a
/// character, so that the thought must not be closed yet. Null: every token may be the last.</param>
internal sealed class ThinkingBudget(
    int open,
    int close,
    int? budget,
    IReadOnlyList<int> closing,
    bool startsInside = false,
    Func<int, bool>? endsCharacter = null) : ITokenConstraint
{
    // A character has at most four bytes, and a token at least one: who waits longer has met invalid text.
    private const int MostTokensOfCharacter = 4;

    private bool _inside = startsInside;
    private int _waited;

    // Index into what is forced: before 0 not yet, at its length not any more.
    private int _closing = startsInside && budget <= 0 ? 0 : -1;

    /// <summary>Tokens within thoughts so far, without those that open and close them.</summary>
    public int ReasoningTokens { get; private set; }

    /// <summary>Whether the budget was spent and a thought was closed.</summary>
    public bool IsSpent => _closing >= 0;

    /// <inheritdoc/>
    public bool TryForce(out int token)
    {
        bool forced = IsSpent && _closing < closing.Count;
        token = forced ? closing[_closing] : -1;
        return forced;
    }

    /// <inheritdoc/>
    public void Mask(Span<float> logits)
    {
        if (IsSpent)
        {
            logits[open] = float.NegativeInfinity;
        }
    }

    /// <inheritdoc/>
    public void Accept(int token)
    {
        bool endsWithin = Count(token);
        if (IsSpent)
        {
            _closing += _closing < closing.Count && token == closing[_closing] ? 1 : 0;
        }
        else if (_inside && ReasoningTokens >= budget && (endsWithin || ++_waited >= MostTokensOfCharacter))
        {
            _closing = 0;
        }
    }

    /// <summary>Follows the thought; tells whether it could be closed here.</summary>
    private bool Count(int token)
    {
        bool counts = _inside && token != close;
        _inside = _inside ? token != close : token == open;
        ReasoningTokens += counts ? 1 : 0;
        return !counts || endsCharacter is null || endsCharacter(token);
    }
}
