using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Sampling;

/// <summary>Temperature, top-k, top-p, min-p and draw, spelt out with a full sort: what the fast sampler must equal.
/// </summary>
internal static class NaiveSampler
{
    /// <summary>The tokens that may be drawn with their weights, likeliest first, of equals the lowest id first.
    /// </summary>
    public static List<(int Id, double Weight)> Distribution(float[] logits, SamplingOptions options)
    {
        var weights = new float[logits.Length];
        TokenWeights.FromLogits(logits, logits.Max(), options.Temperature, weights);
        List<(int Id, double Weight)> tokens = [.. weights
            .Select((weight, id) => (id, (double)weight))
            .OrderByDescending(token => token.Item2)
            .ThenBy(token => token.id)];
        if (options.TopK > 0)
        {
            tokens = [.. tokens.Take(options.TopK)];
        }

        double wanted = options.TopP * tokens.Sum(token => token.Weight), reached = 0;
        int count = options.TopP < 1 ? 0 : tokens.Count;
        while (count == 0 || (options.TopP < 1 && reached < wanted && count < tokens.Count))
        {
            reached += tokens[count++].Weight;
        }

        double least = options.MinP * tokens[0].Weight;
        return [.. tokens.Take(count).Where(token => token.Weight >= least && token.Weight > 0)];
    }

    public static int Choose(float[] logits, SamplingOptions options, ulong random)
    {
        List<(int Id, double Weight)> tokens = Distribution(logits, options);
        ulong mass = (ulong)tokens.Sum(token => token.Weight);
        double point = (double)(ulong)((UInt128)random * mass >> 64), reached = 0;
        return tokens.First(token => (reached += token.Weight) > point).Id;
    }
}
