namespace SmolLM3.Extensions.Sampling;

/// <summary>A token and how likely the model found it.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="LogProbability">Natural logarithm of its probability in the model's own distribution: before logit
/// bias, penalties, constraints, temperature and truncation.</param>
public readonly record struct TokenLogProbability(int Id, float LogProbability);
