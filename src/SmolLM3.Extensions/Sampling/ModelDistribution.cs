using System.Numerics.Tensors;

namespace SmolLM3.Extensions.Sampling;

/// <summary>The model's own distribution of one row, kept while the row itself is biased, masked and sampled.</summary>
/// <param name="vocabularySize">Number of token ids.</param>
internal sealed class ModelDistribution(int vocabularySize)
{
    private readonly float[] _logits = new float[vocabularySize];
    private double _logNormalizer;

    /// <summary>Copies a row of logits.</summary>
    /// <param name="logits">Shape <c>[vocabulary]</c>.</param>
    /// <param name="scratch">Room for as many numbers.</param>
    public void Capture(ReadOnlySpan<float> logits, Span<float> scratch)
    {
        logits.CopyTo(_logits);
        float max = TensorPrimitives.Max(logits);
        double sum = TokenWeights.FromLogits(logits, max, temperature: 1, scratch);
        _logNormalizer = max + Math.Log(sum / TokenWeights.Scale);
    }

    /// <summary>The log-probabilities of a token and of the likeliest ones.</summary>
    /// <param name="chosen">The token that came.</param>
    /// <param name="count">How many of the likeliest.</param>
    public TokenLogProbabilities Describe(int chosen, int count)
    {
        // Insertion into a short sorted list: nearly every token fails the first comparison.
        var top = new TokenLogProbability[Math.Min(count, _logits.Length)];
        int filled = 0;
        for (int id = 0; id < _logits.Length; id++)
        {
            if (filled == top.Length && !(_logits[id] > _logits[top[^1].Id]))
            {
                continue;
            }

            int place = filled < top.Length ? filled++ : filled - 1;
            for (; place > 0 && _logits[id] > _logits[top[place - 1].Id]; place--)
            {
                top[place] = top[place - 1];
            }

            top[place] = LogProbability(id);
        }

        return new TokenLogProbabilities(LogProbability(chosen), top);
    }

    private TokenLogProbability LogProbability(int id) => new(id, (float)(_logits[id] - _logNormalizer));
}
