namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>A grammar has more states than are worked with, or makes more work.</summary>
internal sealed class GrammarTooComplexException(string message) : NotSupportedException(message);
