using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Tests.Engine;

public sealed class AdapterSetTests
{
    [Fact]
    public void Sets_are_equal_by_value_and_order()
    {
        AdapterSet set = new(new AdapterUse(0, 1), new AdapterUse(3, 0.5f));
        AdapterSet same = new([.. set.Uses]);
        Assert.Equal(set, same);
        Assert.Equal(set.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(set, new(new AdapterUse(3, 0.5f), new AdapterUse(0, 1)));
        Assert.NotEqual(set, new(new AdapterUse(0, 1), new AdapterUse(3, 0.25f)));
        Assert.NotEqual(set, new(new AdapterUse(0, 1)));
        Assert.False(set.Equals(null));
        Assert.Equal("0 x 1, 3 x 0.5", set.ToString());
    }

    [Fact]
    public void What_adds_nothing_is_left_out()
    {
        IEnumerable<AdapterUse> uses = [new(0, 0), new(1, -0f)];
        Assert.Equal(AdapterSet.None, new AdapterSet(uses));
        Assert.Empty(AdapterSet.None.Uses);
        Assert.Equal([new(2, 1)], new AdapterSet(new AdapterUse(0, 0), new AdapterUse(2, 1)).Uses);
        Assert.Equal("none", AdapterSet.None.ToString());
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(0, float.NaN, 1)]
    [InlineData(0, 1, float.PositiveInfinity)]
    public void Doubles_and_scales_that_are_no_numbers_are_refused(int second, float scale, float other) =>
        Assert.Throws<ArgumentException>(() => new AdapterSet(new AdapterUse(1, scale), new AdapterUse(second, other)));
}
