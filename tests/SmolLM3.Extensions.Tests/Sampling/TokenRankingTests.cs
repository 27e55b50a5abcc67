using CsCheck;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Sampling;

public sealed class TokenRankingTests
{
    private static readonly Gen<float[]> _weights = Gen.Int[0, 8].Select(weight => (float)weight).Array[1, 40];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 2)]
    [InlineData(12, 2)]
    [InlineData(13, 3)]
    [InlineData(16, 3)]
    [InlineData(18, 5)]
    [InlineData(99, 5)]
    public void The_fewest_heaviest_that_reach_a_mass_are_selected(double mass, int count)
    {
        Span<ulong> keys = Keys([1, 4, 8, 1, 4]);

        Assert.Equal(count, TokenRanking.SelectMass(keys, mass, out double reached));
        Assert.Equal(new double[] { 0, 8, 12, 16, 17, 18 }[count], reached);
        int[] order = [2, 1, 4, 0, 3];
        Assert.Equal(order[count - 1], TokenRanking.Token(keys[count - 1]));
        Assert.Equal(order.Take(count).Order(), keys[..count].ToArray().Select(TokenRanking.Token).Order());
    }

    [Fact]
    public void The_heaviest_so_many_are_selected() => _weights.Sample(weights =>
    {
        for (int count = 1; count <= weights.Length + 1; count++)
        {
            Span<ulong> keys = Keys(weights);
            int selected = TokenRanking.SelectCount(keys, count, out double mass);

            int[] expected = [.. Ranked(weights).Take(count)];
            Assert.Equal(expected.Order(), keys[..selected].ToArray().Select(TokenRanking.Token).Order());
            Assert.Equal(expected.Sum(id => (double)weights[id]), mass);
        }
    });

    [Fact]
    public void Those_of_a_weight_are_found_counted_and_selected() => _weights.Sample(weights =>
    {
        for (float least = 1; least < 8; least++)
        {
            int[] expected = [.. Enumerable.Range(0, weights.Length).Where(id => weights[id] >= least)];
            double sum = expected.Sum(id => (double)weights[id]);
            var gathered = new ulong[weights.Length];
            Span<ulong> keys = Keys(weights);

            int count = TokenRanking.Gather(weights, least, gathered);
            Assert.Equal(expected, gathered.Take(count).Select(TokenRanking.Token));
            Assert.Equal(expected.Select(id => weights[id]), gathered.Take(count).Select(TokenRanking.Weight));
            Assert.Equal(expected.Length, TokenWeights.Count(weights, least, out double counted));
            Assert.Equal(sum, counted);
            Assert.Equal(expected.Length, TokenRanking.SelectWeight(keys, least, out double selected));
            Assert.Equal(sum, selected);
        }
    });

    private static IEnumerable<int> Ranked(float[] weights) =>
        Enumerable.Range(0, weights.Length).OrderByDescending(id => weights[id]).ThenBy(id => id);

    private static ulong[] Keys(float[] weights)
    {
        var keys = new ulong[weights.Length];
        Assert.Equal(weights.Length, TokenRanking.Gather(weights, 0, keys));
        return keys;
    }
}
