using CsCheck;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Numbers;
using static SmolLM3.Extensions.Tests.Constraints.Numbers.NumberTexts;

namespace SmolLM3.Extensions.Tests.Constraints.Numbers;

public sealed class DecimalLanguageTests
{
    [Fact]
    public void It_holds_the_numbers_within_bounds_and_nothing_else()
    {
        Bounds
            .SelectMany(
                bounds => TextNear(bounds.Minimum, bounds.Maximum).Array[20], (bounds, texts) => (bounds, texts))
            .Sample((bounds, texts) =>
            {
                Node node = DecimalLanguage.Within(new Grammar(), bounds);

                Assert.All(texts, text => Assert.Equal(IsDecimal(text, bounds), Accepts(node, text)));
            }, iter: 1000);
    }

    [Fact]
    public void Every_way_through_it_ends_in_such_a_number()
    {
        Gen.Select(Bounds, Gen.Int[0, 1000].Array[19]).Sample((bounds, choices) =>
        {
            Grammar grammar = new();
            Node node = grammar.Atom(DecimalLanguage.Within(grammar, bounds));

            Assert.True(node.IsDead || IsDecimal(Walk(node, choices), bounds));
        }, iter: 1000);
    }

    [Fact]
    public void No_step_leads_nowhere()
    {
        Bounds.Sample(bounds =>
        {
            Node node = DecimalLanguage.Within(new Grammar(), bounds);
            Assert.True(node.IsDead || CheckAllSteps(node) < 300);
        });
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0.0")]
    [InlineData("-0.5")]
    [InlineData("1.50")]
    [InlineData("0.0000000000000001")]
    [InlineData("1234567890123456.7")]
    [InlineData("-99999999999999999")]
    [InlineData("0.00000000000000001", false)]
    [InlineData("100000000000000000", false)]
    [InlineData("12345678901234567.8", false)]
    [InlineData("-0", false)]
    [InlineData("-0.00", false)]
    [InlineData("1.", false)]
    [InlineData(".5", false)]
    [InlineData("00.5", false)]
    [InlineData("1.5.5", false)]
    [InlineData("1e1", false)]
    [InlineData("-", false)]
    [InlineData("", false)]
    public void Without_bounds_only_the_digits_are_counted(string text, bool isMember = true) =>
        Assert.Equal(isMember, Accepts(DecimalLanguage.Within(new Grammar(), new()), text));

    [Theory]
    [InlineData("0.5", true, false)]
    [InlineData("0.50", true, false)]
    [InlineData("0.4999999999999999", false, false)]
    [InlineData("0.5000000000000001", true, true)]
    [InlineData("2", true, false)]
    [InlineData("2.0", true, false)]
    [InlineData("1.999999999999999", true, true)]
    [InlineData("2.000000000000001", false, false)]
    public void A_bound_belongs_to_it_or_not(string text, bool isMember, bool isStrictlyWithin)
    {
        Grammar grammar = new();

        Assert.Equal(isMember, Accepts(DecimalLanguage.Within(grammar, new(0.5m, 2)), text));
        Assert.Equal(isStrictlyWithin, Accepts(DecimalLanguage.Within(grammar, new(0.5m, 2, true, true)), text));
    }

    [Fact]
    public void Nothing_is_between_bounds_without_a_number_that_is_short_enough()
    {
        Grammar grammar = new();

        Assert.False(DecimalLanguage.Within(grammar, new(1e-16m, 1e-16m)).IsDead);
        Assert.True(DecimalLanguage.Within(grammar, new(1e-17m, 9e-17m)).IsDead);
        Assert.True(DecimalLanguage.Within(grammar, new(0, 1e-16m, true, true)).IsDead);
        Assert.True(DecimalLanguage.Within(grammar, new(1, 1, true)).IsDead);
        Assert.True(DecimalLanguage.Within(grammar, new(2, 1)).IsDead);
        Assert.True(DecimalLanguage.Within(grammar, new(Minimum: decimal.MaxValue)).IsDead);
    }
}
