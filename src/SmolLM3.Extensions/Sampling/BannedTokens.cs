namespace SmolLM3.Extensions.Sampling;

/// <summary>Tokens that never come.</summary>
/// <param name="tokens">Their ids.</param>
internal sealed class BannedTokens(IEnumerable<int> tokens) : ITokenConstraint
{
    private readonly int[] _tokens = [.. tokens];

    /// <inheritdoc/>
    public bool TryForce(out int token)
    {
        token = -1;
        return false;
    }

    /// <inheritdoc/>
    public void Mask(Span<float> logits)
    {
        foreach (int token in _tokens)
        {
            logits[token] = float.NegativeInfinity;
        }
    }

    /// <inheritdoc/>
    public void Accept(int token)
    {
    }
}
