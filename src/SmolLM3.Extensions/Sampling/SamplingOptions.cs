using System.Runtime.CompilerServices;

namespace SmolLM3.Extensions.Sampling;

/// <summary>How the next token is chosen from the model's logits.</summary>
/// <remarks>Applied in this order: logit bias, penalties, constraints of the request, temperature, top-k, top-p, min-p,
/// draw. Tokens are drawn from (<see cref="Seed"/>, place in the answer): the same request gives the same answer.
/// </remarks>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits; 0 or more. Below 1 favours likely tokens; 0 takes the likeliest, of equals the one
    /// with the lowest id.</summary>
    public float Temperature { get; init; } = SamplingDefaults.Temperature;

    /// <summary>Draw from this many likeliest tokens only; 0: no such limit.</summary>
    public int TopK { get; init; }

    /// <summary>Draw from the fewest likeliest tokens that together reach this probability only; 0 to 1, 1: no such
    /// limit. Counted over what top-k left.</summary>
    public float TopP { get; init; } = SamplingDefaults.TopP;

    /// <summary>Draw from tokens at least this fraction as likely as the likeliest only; 0 to 1, 0: no such limit.
    /// </summary>
    public float MinP { get; init; }

    /// <summary>Subtracted from a token's logit once for each time it came in the answer; -2 to 2.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Subtracted from a token's logit when it came in the answer at all; -2 to 2.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Divides the positive logits, and multiplies the negative ones, of tokens that stand in the prompt or
    /// the answer; above 0, 1: none.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Start of the random numbers; null: another one for each request.</summary>
    public long? Seed { get; init; }

    /// <summary>Added to the logits of single tokens, by id; finite, or negative infinity to rule a token out.
    /// </summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>Return the log-probability of each token and of this many likeliest rivals; 0 to 20, 0: neither.
    /// </summary>
    public int TopLogProbabilities { get; init; }

    /// <summary>Checks every range.</summary>
    /// <param name="vocabularySize">Number of token ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range; the message says which and what is
    /// allowed.</exception>
    internal void Validate(int vocabularySize)
    {
        Require(float.IsFinite(Temperature) && Temperature >= 0, Temperature, "finite and at least 0");
        Require(TopK >= 0, TopK, "at least 0");
        Require(TopP is >= 0 and <= 1, TopP, "from 0 to 1");
        Require(MinP is >= 0 and <= 1, MinP, "from 0 to 1");
        Require(Math.Abs(FrequencyPenalty) <= SamplingDefaults.MaxPenalty, FrequencyPenalty, "from -2 to 2");
        Require(Math.Abs(PresencePenalty) <= SamplingDefaults.MaxPenalty, PresencePenalty, "from -2 to 2");
        Require(float.IsFinite(RepetitionPenalty) && RepetitionPenalty > 0, RepetitionPenalty, "finite and above 0");
        Require(
            TopLogProbabilities is >= 0 and <= SamplingDefaults.MaxTopLogProbabilities,
            TopLogProbabilities,
            "from 0 to 20");
        foreach ((int token, float bias) in LogitBias ?? new Dictionary<int, float>())
        {
            string name = $"{nameof(LogitBias)}[{token}]";
            Require((uint)token < (uint)vocabularySize, token, $"a token id from 0 to {vocabularySize - 1}", name);
            Require(bias < float.PositiveInfinity, bias, "finite or negative infinity", name);
        }
    }

    private static void Require<T>(
        bool holds, T value, string range, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
        }
    }
}
