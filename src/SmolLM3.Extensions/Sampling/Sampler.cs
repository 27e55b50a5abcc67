using System.Numerics.Tensors;

namespace SmolLM3.Extensions.Sampling;

/// <summary>Chooses tokens from logits. One of them, with its buffers, serves all requests of a loop in turn.</summary>
/// <param name="vocabularySize">Number of token ids.</param>
internal sealed class Sampler(int vocabularySize)
{
    // Tokens at least this likely, relative to the likeliest, are looked at first; if they do not suffice, those this
    // many times less likely too, and so on.
    private const float FirstLook = TokenWeights.Scale / 256;
    private const float NextLook = 16;

    private readonly float[] _weights = new float[vocabularySize];
    private readonly ulong[] _keys = new ulong[vocabularySize];
    private readonly ModelDistribution _distribution = new(vocabularySize);

    /// <summary>Chooses the next token of a request.</summary>
    /// <param name="logits">The model's logits, shape <c>[vocabulary]</c>; written into.</param>
    /// <param name="state">The request's options and history.</param>
    /// <param name="logProbabilities">How likely the model found it; null when the options ask for none.</param>
    /// <exception cref="InvalidLogitsException">The logits hold NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">Every token is ruled out.</exception>
    public int Sample(Span<float> logits, SamplingState state, out TokenLogProbabilities? logProbabilities)
    {
        int rivals = state.Options.TopLogProbabilities;
        if (rivals > 0)
        {
            _distribution.Capture(logits, _weights);
        }

        state.Adjust(logits);
        int token = Choose(logits, state.Options, state.Random);
        logProbabilities = rivals > 0 ? _distribution.Describe(token, rivals) : null;
        return token;
    }

    /// <summary>How likely the model found a token that was settled without it.</summary>
    /// <param name="logits">The model's logits, shape <c>[vocabulary]</c>.</param>
    /// <param name="token">The token.</param>
    /// <param name="rivals">How many of the likeliest are told beside it.</param>
    public TokenLogProbabilities Describe(ReadOnlySpan<float> logits, int token, int rivals)
    {
        _distribution.Capture(logits, _weights);
        return _distribution.Describe(token, rivals);
    }

    /// <summary>Chooses a token from logits that bias, penalties and constraints have been applied to.</summary>
    /// <param name="logits">Shape <c>[vocabulary]</c>.</param>
    /// <param name="options">Temperature and truncation.</param>
    /// <param name="random">64 random bits.</param>
    internal int Choose(ReadOnlySpan<float> logits, SamplingOptions options, ulong random)
    {
        float max = RequireFinite(TensorPrimitives.Max(logits));
        if (options.Temperature == 0)
        {
            return TensorPrimitives.IndexOfMax(logits);
        }

        double mass = TokenWeights.FromLogits(logits, max, options.Temperature, _weights);
        Span<ulong> kept = Truncate(options, ref mass);
        double point = Math.BigMul(random, (ulong)mass, out _) + 1.0; // 1 … mass, all equally likely
        kept = kept.IsEmpty ? Heaviest(count: 0, point) : kept;
        return TokenRanking.Token(kept[TokenRanking.SelectMass(kept, point, out _) - 1]);
    }

    /// <summary>The tokens that may be drawn; empty when nothing is truncated and all may.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="mass">The sum of the weights of all tokens; becomes that of those returned.</param>
    private Span<ulong> Truncate(SamplingOptions options, ref double mass)
    {
        Span<ulong> kept = [];
        if (options.TopK > 0 && options.TopK < _keys.Length)
        {
            kept = Heaviest(options.TopK, mass: 0);
            kept = kept[..TokenRanking.SelectCount(kept, options.TopK, out mass)];
        }

        if (options.TopP < 1)
        {
            double wanted = Math.Max(1, Math.Ceiling(options.TopP * mass));
            kept = kept.IsEmpty ? Heaviest(count: 0, wanted) : kept;
            kept = kept[..TokenRanking.SelectMass(kept, wanted, out mass)];
        }

        if (options.MinP > 0)
        {
            float least = options.MinP * TokenWeights.Largest;
            kept = kept.IsEmpty ? Gather(least) : kept;
            kept = kept[..TokenRanking.SelectWeight(kept, least, out mass)];
        }

        return kept;
    }

    /// <summary>At least the heaviest tokens that are this many and weigh this much; all, if all together do not.
    /// Few more, usually: looking twice costs less than ranking many.</summary>
    private Span<ulong> Heaviest(int count, double mass)
    {
        float least = FirstLook;
        while (least > 1 && (TokenWeights.Count(_weights, least, out double seen) < count || seen < mass))
        {
            least /= NextLook;
        }

        return Gather(least);
    }

    private Span<ulong> Gather(float least) =>
        _keys.AsSpan(0, TokenRanking.Gather(_weights, Math.Max(1, least), _keys));

    private static float RequireFinite(float max) => max switch
    {
        float.NaN => throw new InvalidLogitsException("NaN"),
        float.PositiveInfinity => throw new InvalidLogitsException("infinity"),
        float.NegativeInfinity => throw new InvalidOperationException(
            "No token may come next: logit bias and constraints together rule out every one."),
        _ => max,
    };
}
