using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Generation;

/// <summary>One token of an answer.</summary>
/// <param name="Id">Its id.</param>
/// <param name="End">Why it is the last one, or null when more follow.</param>
/// <param name="CachedPromptTokens">Tokens at the start of the prompt that were known from earlier requests and not
/// computed again; the same number on every token of a request.</param>
/// <param name="LogProbabilities">How likely the model found it and its rivals. Null when
/// <see cref="SamplingOptions.TopLogProbabilities"/> is 0, and for a token that a server was not asked for.</param>
public readonly record struct GeneratedToken(
    int Id,
    GenerationEnd? End,
    int CachedPromptTokens,
    TokenLogProbabilities? LogProbabilities = null);
