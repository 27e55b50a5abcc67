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

    [Fact]
    public void Of_several_beginnings_one_is_sampled_where_they_part_and_then_forced()
    {
        var forced = new ForcedTokens([[3, 1, 5, 6], [3, 2], [3, 1, 4]]);
        Assert.Equal([3], Drain(forced));
        Assert.Equal([1, 2], Possible(forced));
        forced.Accept(1);
        Assert.Equal([4, 5], Possible(forced));
        forced.Accept(5);

        Assert.False(forced.IsComplete);
        Assert.Equal([6], Drain(forced));
        Assert.True(forced.IsComplete);
        Assert.Equal(8, Possible(forced).Length);
    }

    private static int[] Possible(ForcedTokens forced)
    {
        float[] logits = [0, 1, 2, 3, 4, 5, 6, 7];
        forced.Mask(logits);
        Assert.All(logits.Index(), logit => Assert.True(logit.Item < 0 || logit.Item == logit.Index));
        return [.. Enumerable.Range(0, logits.Length).Where(id => logits[id] >= 0)];
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
