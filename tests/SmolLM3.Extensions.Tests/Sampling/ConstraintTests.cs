using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Sampling;

public sealed class ConstraintTests
{
    [Fact]
    public void Banned_tokens_are_masked_and_nothing_else_is()
    {
        var banned = new BannedTokens([1, 3]);
        float[] logits = [1, 2, 3, 4];

        banned.Mask(logits);

        Assert.Equal([1, float.NegativeInfinity, 3, float.NegativeInfinity], logits);
        Assert.False(banned.TryForce(out _));
    }

    [Fact]
    public void Forced_tokens_come_once_in_order()
    {
        var forced = new ForcedTokens([7, 7, 8]);

        Assert.Equal([7, 7, 8], Drain(forced));
        forced.Accept(7);
        Assert.False(forced.TryForce(out _));
    }

    [Fact]
    public void Asking_twice_moves_nothing_and_another_token_in_between_loses_nothing()
    {
        var forced = new ForcedTokens([7, 8]);

        Assert.True(forced.TryForce(out _));
        Assert.True(forced.TryForce(out int token));
        Assert.Equal(7, token);
        forced.Accept(5);
        Assert.Equal([7, 8], Drain(forced));
    }

    internal static List<int> Drain(ITokenConstraint constraint)
    {
        List<int> tokens = [];
        while (constraint.TryForce(out int token))
        {
            tokens.Add(token);
            constraint.Accept(token);
        }

        return tokens;
    }
}
