using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Completion;

/// <summary>Holds all of an output to a grammar, and ends it where the grammar does.</summary>
/// <param name="grammar">What it may say.</param>
/// <param name="endToken">The token that ends it.</param>
/// <param name="endTokens">All that would.</param>
internal sealed class TextConstraint(
    CompiledGrammar grammar, int endToken, IReadOnlyList<int> endTokens) : ITokenConstraint
{
    private readonly GrammarCursor _cursor = new(grammar);
    private readonly int[] _end = [endToken];

    /// <inheritdoc/>
    public bool TryForce(out int token)
    {
        if (_cursor.IsAtEnd)
        {
            token = endToken;
            return true;
        }

        return _cursor.TryForce(out token);
    }

    /// <inheritdoc/>
    public void Mask(Span<float> logits) => _cursor.Mask(logits, _cursor.CanEnd ? _end : []);

    /// <inheritdoc/>
    public void Accept(int token)
    {
        // The token that ends the text is none of it.
        if (!endTokens.Contains(token))
        {
            _cursor.Accept(token);
        }
    }
}
