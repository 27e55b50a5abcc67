using CsCheck;
using SmolLM3.Extensions.Constraints.Numbers;
using static SmolLM3.Extensions.Tests.Constraints.Numbers.NumberTexts;

namespace SmolLM3.Extensions.Tests.Constraints.Numbers;

public sealed class NumberBoundsTests
{
    [Fact]
    public void An_intersection_holds_what_both_hold()
    {
        Gen.Select(Bounds, Bounds)
            .SelectMany(
                both => TextNear(
                    both.Item1.Minimum, both.Item1.Maximum, both.Item2.Minimum, both.Item2.Maximum).Array[20],
                (both, texts) => (both.Item1, both.Item2, texts))
            .Sample((a, b, texts) => Assert.All(
                texts,
                text => Assert.Equal(IsDecimal(text, a) && IsDecimal(text, b), IsDecimal(text, a.Intersect(b)))));
    }

    [Fact]
    public void At_the_same_bound_the_stricter_one_counts()
    {
        NumberBounds inclusive = new(1, 2), exclusive = new(1.0m, 2.0m, true, true);

        Assert.Equal(exclusive, inclusive.Intersect(exclusive));
        Assert.Equal(exclusive, exclusive.Intersect(inclusive));
    }

    [Fact]
    public void No_bounds_change_nothing()
    {
        Bounds.Sample(bounds =>
        {
            Assert.Equal(bounds, bounds.Intersect(new()));
            Assert.Equal(bounds, new NumberBounds().Intersect(bounds));
        });
    }

    [Fact]
    public void Scaled_bounds_are_rounded_inwards()
    {
        Assert.Equal((1, 2), new NumberBounds(0.5m, 2.5m).Scaled(0));
        Assert.Equal((5, 25), new NumberBounds(0.5m, 2.5m).Scaled(1));
        Assert.Equal((6, 24), new NumberBounds(0.5m, 2.5m, true, true).Scaled(1));
        Assert.Equal((-2, -1), new NumberBounds(-2.5m, -0.5m).Scaled(0));
    }
}
