namespace SmolLM3.Extensions.Sampling;

/// <summary>What sampling remembers of one request between tokens.</summary>
/// <param name="options">Validated options.</param>
/// <param name="seed">Start of its random numbers.</param>
/// <param name="promptTokens">The prompt.</param>
/// <param name="constraints">Its constraints, in order of precedence.</param>
internal sealed class SamplingState(
    SamplingOptions options, long seed, IReadOnlyList<int> promptTokens, IReadOnlyList<ITokenConstraint> constraints)
{
    private readonly TokenPenalties _penalties = new(options, promptTokens);
    private readonly ITokenConstraint[] _constraints = [.. constraints];

    /// <summary>The validated options.</summary>
    public SamplingOptions Options => options;

    /// <summary>Tokens of the answer so far.</summary>
    public int Position { get; private set; }

    /// <summary>The random number of the token to come.</summary>
    public ulong Random => SamplingRandom.Next(seed, Position);

    /// <summary>Whether a constraint settles the next token.</summary>
    public bool TryForce(out int token)
    {
        foreach (ITokenConstraint constraint in _constraints)
        {
            if (constraint.TryForce(out token))
            {
                return true;
            }
        }

        token = -1;
        return false;
    }

    /// <summary>Applies logit bias, penalties and constraints.</summary>
    public void Adjust(Span<float> logits)
    {
        _penalties.Apply(logits);
        foreach (ITokenConstraint constraint in _constraints)
        {
            constraint.Mask(logits);
        }
    }

    /// <summary>Takes note of a token that came.</summary>
    public void Accept(int token)
    {
        Position++;
        _penalties.Count(token);
        foreach (ITokenConstraint constraint in _constraints)
        {
            constraint.Accept(token);
        }
    }
}
