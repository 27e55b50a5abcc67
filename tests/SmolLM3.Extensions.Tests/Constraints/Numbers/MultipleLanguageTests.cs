using System.Globalization;
using CsCheck;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Numbers;
using static SmolLM3.Extensions.Tests.Constraints.Numbers.NumberTexts;

namespace SmolLM3.Extensions.Tests.Constraints.Numbers;

public sealed class MultipleLanguageTests
{
    private static readonly Gen<long> s_divisor = Gen.OneOf(
        Gen.Long[1, 30],
        Gen.Long[1, MultipleLanguage.GreatestDivisor],
        Gen.Select(Gen.Long[1, 12], Gen.Int[0, 17], (number, zeros) => number * Digits.Power(zeros)));

    [Fact]
    public void It_holds_the_multiples_within_bounds_and_nothing_else()
    {
        Gen.Select(s_divisor, Bounds)
            .SelectMany(
                chosen => TextNear([.. Multiples(chosen.Item1, chosen.Item2)]).Array[20],
                (chosen, texts) => (chosen.Item1, chosen.Item2, texts))
            .Sample((divisor, bounds, texts) =>
            {
                Node node = MultipleLanguage.Of(new Grammar(), divisor, bounds);

                Assert.All(texts, text => Assert.Equal(IsMultiple(text, divisor, bounds), Accepts(node, text)));
            }, iter: 1000);
    }

    [Fact]
    public void Every_way_through_it_ends_in_such_a_multiple()
    {
        Gen.Select(s_divisor, Bounds, Gen.Int[0, 1000].Array[18]).Sample((divisor, bounds, choices) =>
        {
            Grammar grammar = new();
            Node node = grammar.Atom(MultipleLanguage.Of(grammar, divisor, bounds));

            Assert.True(node.IsDead || IsMultiple(Walk(node, choices), divisor, bounds));
        }, iter: 1000);
    }

    [Fact]
    public void No_step_leads_nowhere()
    {
        Gen.Select(Gen.Long[1, 12], Bounds).Sample((divisor, bounds) =>
        {
            Node node = MultipleLanguage.Of(new Grammar(), divisor, bounds);
            Assert.True(node.IsDead || CheckAllSteps(node) < 50 * (10 + divisor));
        }, iter: 30);
    }

    [Fact]
    public void Bounds_may_be_intersected_too_with_small_divisors()
    {
        Gen.Select(Gen.Int[1, 20], Gen.Int[-500, 500], Gen.Int[0, 200]).Sample((divisor, low, width) =>
        {
            Grammar grammar = new();
            NumberBounds bounds = new(low, low + width);
            Node node = grammar.Atom(
                grammar.Both(IntegerLanguage.Within(grammar, bounds), MultipleLanguage.Of(grammar, divisor)));

            Assert.All(
                Enumerable.Range(-800, 1600),
                value => Assert.Equal(IsMultiple($"{value}", divisor, bounds), Accepts(node, $"{value}")));
        }, iter: 20);
    }

    [Fact]
    public void A_large_divisor_costs_only_the_states_that_are_come_by()
    {
        Grammar grammar = new();
        Node node = grammar.Atom(MultipleLanguage.Of(grammar, 9973));

        Assert.True(Accepts(node, "-9973000009973"));
        Assert.False(Accepts(node, "-9973000009974"));
        Assert.True(grammar.Count < 1000, $"{grammar.Count}");
    }

    [Fact]
    public void Zeros_at_the_end_of_a_divisor_cost_next_to_nothing() =>
        Assert.True(CheckAllSteps(MultipleLanguage.Of(new Grammar(), 1_000_000)) < 100);

    [Theory]
    [InlineData(10_001)]
    [InlineData(long.MaxValue)]
    public void A_divisor_has_a_limit(long divisor) =>
        Assert.Throws<NotSupportedException>(() => MultipleLanguage.Of(new Grammar(), divisor));

    [Fact]
    public void Only_zero_is_a_multiple_of_a_number_that_is_too_long()
    {
        Node node = MultipleLanguage.Of(new Grammar(), 7_000_000_000_000_000_000);

        Assert.Equal("0", Walk(node, []));
        Assert.Equal(2, CheckAllSteps(node));
    }

    private static bool IsMultiple(string text, long divisor, NumberBounds bounds) =>
        IsInteger(text, bounds) && long.Parse(text, CultureInfo.InvariantCulture) % divisor == 0;

    // Some multiples at the bounds and within, and numbers beside them.
    private static IEnumerable<decimal?> Multiples(long divisor, NumberBounds bounds)
    {
        foreach (decimal bound in (decimal[])[bounds.Minimum ?? bounds.Maximum!.Value, bounds.Maximum ?? 0])
        {
            decimal start = Math.Truncate(Math.Clamp(bound, -1e17m, 1e17m) / divisor) * divisor;
            for (int i = -2; i <= 2; i++)
            {
                yield return start + (i * (decimal)divisor);
            }
        }
    }
}
