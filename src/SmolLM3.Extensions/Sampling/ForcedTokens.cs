namespace SmolLM3.Extensions.Sampling;

/// <summary>Tokens the answer begins with; what comes after them is free.</summary>
/// <param name="tokens">Their ids.</param>
internal sealed class ForcedTokens(IReadOnlyList<int> tokens) : ITokenConstraint
{
    private int _next;

    /// <inheritdoc/>
    public bool TryForce(out int token)
    {
        bool forced = _next < tokens.Count;
        token = forced ? tokens[_next] : -1;
        return forced;
    }

    /// <inheritdoc/>
    public void Mask(Span<float> logits)
    {
    }

    /// <inheritdoc/>
    public void Accept(int token)
    {
        // A constraint of higher precedence may have put in a token of its own: ours is then still to come.
        if (_next < tokens.Count && tokens[_next] == token)
        {
            _next++;
        }
    }
}
