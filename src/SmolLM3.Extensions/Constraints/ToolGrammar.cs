using SmolLM3.Extensions.Constraints.Masks;

namespace SmolLM3.Extensions.Constraints;

/// <summary>A tool whose schema is not enforced in all.</summary>
/// <param name="Tool">Its name.</param>
/// <param name="What">What is left out.</param>
internal sealed record RelaxedTool(string Tool, string What);

/// <summary>A grammar, and what it leaves out.</summary>
/// <param name="Grammar">The grammar.</param>
/// <param name="Relaxed">Tools whose schemas are not enforced in all.</param>
internal sealed record ToolGrammar(CompiledGrammar Grammar, IReadOnlyList<RelaxedTool> Relaxed);
