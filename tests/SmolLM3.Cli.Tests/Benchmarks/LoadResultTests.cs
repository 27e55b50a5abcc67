using SmolLM3.Cli.Benchmarks;

namespace SmolLM3.Cli.Tests.Benchmarks;

public sealed class LoadResultTests
{
    [Theory]
    [InlineData(1, 50, 1)]
    [InlineData(1, 99, 1)]
    [InlineData(2, 50, 1)]
    [InlineData(3, 50, 2)]
    [InlineData(99, 99, 99)]
    [InlineData(100, 99, 99)]
    [InlineData(200, 99, 198)]
    [InlineData(201, 99, 199)]
    public void A_percentile_is_the_least_value_so_many_do_not_exceed(int count, int percent, double expected)
    {
        double[] sorted = [.. Enumerable.Range(1, count).Select(value => (double)value)];

        Assert.Equal(expected, LoadResult.Percentile(sorted, percent));
        Assert.True(sorted.Count(value => value <= expected) * 100 >= percent * count);
        Assert.True(sorted.Count(value => value < expected) * 100 < percent * count);
    }
}
