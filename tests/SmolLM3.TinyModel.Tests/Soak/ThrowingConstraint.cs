using SmolLM3.Extensions.Sampling;

namespace SmolLM3.TinyModelTests.Soak;

/// <summary>Limits nothing, and throws after so many tokens, in one of its methods.</summary>
internal sealed class ThrowingConstraint(int after, int method) : ITokenConstraint
{
    private int _tokens;

    public bool TryForce(out int token)
    {
        ThrowIn(0);
        token = 0;
        return false;
    }

    public void Mask(Span<float> logits) => ThrowIn(1);

    public void Accept(int token)
    {
        _tokens++;
        ThrowIn(2);
    }

    private void ThrowIn(int which)
    {
        if (which == method && _tokens >= after)
        {
            throw new SoakException();
        }
    }
}
