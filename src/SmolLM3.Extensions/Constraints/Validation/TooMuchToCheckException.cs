namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>A schema and a value together take more work than they are worth.</summary>
internal sealed class TooMuchToCheckException : Exception;
