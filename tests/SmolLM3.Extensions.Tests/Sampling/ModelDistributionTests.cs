using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Sampling;

public sealed class ModelDistributionTests
{
    [Fact]
    public void Log_probabilities_are_the_models_own()
    {
        float[] logits = [1, 3, 2, 3, -40, float.NegativeInfinity];
        var options = new SamplingOptions
        {
            Temperature = 0.1f, TopLogProbabilities = 3, LogitBias = new Dictionary<int, float> { [0] = 90 },
        };
        var state = new SamplingState(options, 1, [1], [new BannedTokens([1])]);

        int token = new Sampler(6).Sample((float[])logits.Clone(), state, out TokenLogProbabilities? said);

        double normalizer = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        Assert.Equal(0, token);
        Assert.Equal(0, said!.Chosen.Id);
        Assert.Equal(1 - normalizer, said.Chosen.LogProbability, tolerance: 1e-6);
        Assert.Equal([1, 3, 2], said.Top.Select(rival => rival.Id));
        Assert.All(said.Top, rival => Assert.Equal(logits[rival.Id] - normalizer, rival.LogProbability, 1e-6));
    }

    [Fact]
    public void The_list_is_sorted_and_no_longer_than_the_vocabulary()
    {
        var random = new Random(1);
        float[] logits = [.. Enumerable.Range(0, 15).Select(_ => (float)random.Next(6))];
        var distribution = new ModelDistribution(15);
        distribution.Capture(logits, new float[15]);

        int[] sorted = [.. Enumerable.Range(0, 15).OrderByDescending(id => logits[id])];
        for (int count = 1; count <= 20; count++)
        {
            Assert.Equal(sorted.Take(count), distribution.Describe(0, count).Top.Select(rival => rival.Id));
        }
    }
}
