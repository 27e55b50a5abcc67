namespace SmolLM3.Inference.Engine;

/// <summary>How much an engine takes at once.</summary>
/// <param name="ContextLength">Most tokens of one sequence.</param>
/// <param name="MaxSequences">Number of sequences.</param>
/// <param name="MaxBatchRows">Most rows of one <see cref="IInferenceEngine.Forward"/>.</param>
/// <param name="CapacityTokens">Tokens of all sequences together.</param>
public sealed record EngineLimits(int ContextLength, int MaxSequences, int MaxBatchRows, int CapacityTokens);
