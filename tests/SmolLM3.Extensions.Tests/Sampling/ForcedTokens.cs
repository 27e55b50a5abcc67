using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Sampling;

/// <summary>Tokens the answer begins with, or a choice of such beginnings; what comes after them is free.</summary>
/// <param name="choices">One or more; none begins with another.</param>
internal sealed class ForcedTokens(IEnumerable<IReadOnlyList<int>> choices) : ITokenConstraint
{
    private readonly List<IReadOnlyList<int>> _choices = [.. choices];
    private int _next;

    /// <summary>Without a choice.</summary>
    /// <param name="tokens">Their ids.</param>
    public ForcedTokens(IReadOnlyList<int> tokens)
        : this(new[] { tokens })
    {
    }

    /// <summary>Whether all of them came.</summary>
    public bool IsComplete => _choices.Exists(choice => _next == choice.Count);

    /// <inheritdoc/>
    public bool TryForce(out int token)
    {
        int first = IsComplete ? -1 : _choices[0][_next];
        bool forced = !IsComplete && _choices.TrueForAll(choice => choice[_next] == first);
        token = forced ? first : -1;
        return forced;
    }

    /// <inheritdoc/>
    public void Mask(Span<float> logits)
    {
        if (IsComplete)
        {
            return;
        }

        Dictionary<int, float> possible = [];
        foreach (IReadOnlyList<int> choice in _choices)
        {
            possible[choice[_next]] = logits[choice[_next]];
        }

        logits.Fill(float.NegativeInfinity);
        foreach ((int token, float logit) in possible)
        {
            logits[token] = logit;
        }
    }

    /// <inheritdoc/>
    public void Accept(int token)
    {
        // A constraint of higher precedence may have put in a token of its own: ours is then still to come.
        if (!IsComplete && _choices.Exists(choice => choice[_next] == token))
        {
            _choices.RemoveAll(choice => choice[_next] != token);
            _next++;
        }
    }
}
