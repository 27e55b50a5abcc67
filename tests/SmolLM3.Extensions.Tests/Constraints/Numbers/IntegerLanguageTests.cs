using CsCheck;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Numbers;
using static SmolLM3.Extensions.Tests.Constraints.Numbers.NumberTexts;

namespace SmolLM3.Extensions.Tests.Constraints.Numbers;

public sealed class IntegerLanguageTests
{
    [Fact]
    public void It_holds_the_integers_within_bounds_and_nothing_else()
    {
        Bounds
            .SelectMany(
                bounds => TextNear(bounds.Minimum, bounds.Maximum).Array[20], (bounds, texts) => (bounds, texts))
            .Sample((bounds, texts) =>
            {
                Node node = IntegerLanguage.Within(new Grammar(), bounds);

                Assert.All(texts, text => Assert.Equal(IsInteger(text, bounds), Accepts(node, text)));
            }, iter: 1000);
    }

    [Fact]
    public void Every_way_through_it_ends_in_such_an_integer()
    {
        Gen.Select(Bounds, Gen.Int[0, 1000].Array[18]).Sample((bounds, choices) =>
        {
            Grammar grammar = new();
            Node node = grammar.Atom(IntegerLanguage.Within(grammar, bounds));

            Assert.True(node.IsDead || IsInteger(Walk(node, choices), bounds));
        }, iter: 1000);
    }

    [Fact]
    public void No_step_leads_nowhere()
    {
        Bounds.Sample(bounds =>
        {
            Node node = IntegerLanguage.Within(new Grammar(), bounds);
            Assert.True(node.IsDead || CheckAllSteps(node) < 150);
        });
    }

    [Fact]
    public void Small_bounds_hold_each_integer_between_them()
    {
        for (int low = -25; low <= 25; low++)
        {
            for (int high = low - 1; high <= 25; high++)
            {
                Node node = IntegerLanguage.Within(new Grammar(), new NumberBounds(low, high));
                int[] accepted = [.. Enumerable.Range(-130, 261).Where(value => Accepts(node, $"{value}"))];

                Assert.Equal(Enumerable.Range(low, high - low + 1), accepted);
            }
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("99999999999999999")]
    [InlineData("-99999999999999999")]
    [InlineData("100000000000000000", false)]
    [InlineData("-0", false)]
    [InlineData("01", false)]
    [InlineData("1.0", false)]
    [InlineData("1e1", false)]
    [InlineData("+1", false)]
    [InlineData("-", false)]
    [InlineData("", false)]
    public void Without_bounds_only_the_digits_are_counted(string text, bool isMember = true) =>
        Assert.Equal(isMember, Accepts(IntegerLanguage.Within(new Grammar(), new()), text));

    [Fact]
    public void Nothing_is_between_bounds_without_an_integer()
    {
        Grammar grammar = new();

        Assert.True(IntegerLanguage.Within(grammar, new(0.1m, 0.9m)).IsDead);
        Assert.True(IntegerLanguage.Within(grammar, new(3, 4, true, true)).IsDead);
        Assert.True(IntegerLanguage.Within(grammar, new(4, 3)).IsDead);
        Assert.True(IntegerLanguage.Within(grammar, new(Minimum: 100_000_000_000_000_000)).IsDead);
        Assert.True(IntegerLanguage.Within(grammar, new(Maximum: decimal.MinValue)).IsDead);
    }
}
