using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Sampling;

public sealed class ThinkingBudgetTests
{
    private const int Open = 1;
    private const int Close = 2;
    private const int NewLine = 3;
    private static readonly int[] _closing = [NewLine, Close, NewLine];

    [Fact]
    public void A_thought_that_spends_its_budget_is_closed()
    {
        ThinkingBudget thinking = Make(3);
        Accept(thinking, 9, Open, 10, 11);
        Assert.False(thinking.TryForce(out _));
        thinking.Accept(12);

        Assert.True(thinking.IsSpent);
        Assert.Equal(_closing, ConstraintTests.Drain(thinking));
        // The new line before the closing tag still stands in the thought.
        Assert.Equal(4, thinking.ReasoningTokens);
    }

    [Fact]
    public void After_that_no_other_thought_may_begin()
    {
        ThinkingBudget thinking = Make(1);
        Accept(thinking, Open);
        Assert.Empty(Masked(thinking));
        Accept(thinking, 10);
        ConstraintTests.Drain(thinking);
        Accept(thinking, 20, 21);

        Assert.False(thinking.TryForce(out _));
        Assert.Equal([Open], Masked(thinking));
    }

    [Fact]
    public void A_thought_that_ends_in_time_is_left_alone()
    {
        ThinkingBudget thinking = Make(3);
        Accept(thinking, Open, 10, 11, Close, 20, 21, 22, 23);

        Assert.False(thinking.TryForce(out _));
        Assert.False(thinking.IsSpent);
        Assert.Equal(2, thinking.ReasoningTokens);
    }

    [Fact]
    public void Several_thoughts_share_the_budget()
    {
        ThinkingBudget thinking = Make(3);
        Accept(thinking, Open, 10, 11, Close, 20, Open);
        Assert.False(thinking.TryForce(out _));
        thinking.Accept(12);

        Assert.Equal(_closing, ConstraintTests.Drain(thinking));
    }

    [Fact]
    public void Without_a_thought_nothing_happens()
    {
        ThinkingBudget thinking = Make(0);
        Accept(thinking, 10, 11, Close, 12);

        Assert.False(thinking.TryForce(out _));
        Assert.Equal(0, thinking.ReasoningTokens);
    }

    [Fact]
    public void A_thought_may_have_begun_in_the_prompt()
    {
        var thinking = new ThinkingBudget(Open, Close, 2, _closing, startsInside: true);
        Accept(thinking, 10, 11);

        Assert.Equal(_closing, ConstraintTests.Drain(thinking));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_budget_of_nothing_closes_at_once(bool startsInside)
    {
        var thinking = new ThinkingBudget(Open, Close, 0, _closing, startsInside);
        if (!startsInside)
        {
            Assert.False(thinking.TryForce(out _));
            thinking.Accept(Open);
        }

        Assert.Equal(_closing, ConstraintTests.Drain(thinking));
    }

    [Fact]
    public void No_budget_only_counts()
    {
        ThinkingBudget thinking = Make(null);
        thinking.Accept(Open);
        Accept(thinking, [.. Enumerable.Repeat(9, 1000)]);

        Assert.False(thinking.TryForce(out _));
        Assert.Equal(1000, thinking.ReasoningTokens);
    }

    [Fact]
    public void A_character_is_finished_first()
    {
        // Tokens from 100 on end within a character.
        var thinking = new ThinkingBudget(Open, Close, 2, _closing, endsCharacter: token => token < 100);
        Accept(thinking, Open, 10, 100);
        Assert.False(thinking.TryForce(out _));
        thinking.Accept(101);
        Assert.False(thinking.TryForce(out _));
        thinking.Accept(12);

        Assert.Equal(_closing, ConstraintTests.Drain(thinking));
    }

    [Fact]
    public void A_character_that_never_ends_is_not_waited_for()
    {
        var thinking = new ThinkingBudget(Open, Close, 1, _closing, endsCharacter: _ => false);
        Accept(thinking, Open, 100, 101, 102);
        Assert.False(thinking.TryForce(out _));
        thinking.Accept(103);

        Assert.Equal(_closing, ConstraintTests.Drain(thinking));
    }

    [Fact]
    public void A_token_that_another_constraint_slips_in_does_not_break_the_closing()
    {
        ThinkingBudget thinking = Make(1);
        Accept(thinking, Open, 10, 50);

        Assert.Equal(_closing, ConstraintTests.Drain(thinking));
    }

    private static ThinkingBudget Make(int? budget) => new(Open, Close, budget, _closing);

    private static int[] Masked(ThinkingBudget thinking)
    {
        float[] logits = new float[30];
        thinking.Mask(logits);
        return [.. Enumerable.Range(0, logits.Length).Where(id => float.IsNegativeInfinity(logits[id]))];
    }

    private static void Accept(ThinkingBudget thinking, params int[] tokens) => Array.ForEach(tokens, thinking.Accept);
}
