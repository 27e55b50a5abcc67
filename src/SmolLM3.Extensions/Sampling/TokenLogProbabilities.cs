namespace SmolLM3.Extensions.Sampling;

/// <summary>How likely the model found a token and its rivals.</summary>
/// <param name="Chosen">The token that came.</param>
/// <param name="Top">The likeliest tokens, best first, the chosen one among them only if it is one of the best.</param>
public sealed record TokenLogProbabilities(TokenLogProbability Chosen, IReadOnlyList<TokenLogProbability> Top);
