namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>A grammar has more states than are worked with.</summary>
internal sealed class GrammarTooComplexException(string message) : Exception(message);
