namespace SmolLM3.Fuzz;

/// <summary>A schema hurts, or is not kept to.</summary>
internal sealed class FindingException(string message, Exception? inner = null) : Exception(message, inner);
