namespace SmolLM3.Extensions.Models;

/// <summary>A model that is known by name.</summary>
/// <param name="Name">What users write.</param>
/// <param name="Repository">The repository its GGUF files lie in.</param>
/// <param name="Tokenizer">The repository that has its <c>tokenizer.json</c>: that of its makers.</param>
/// <param name="Description">What it is, in a few words.</param>
internal sealed record KnownModel(string Name, string Repository, string Tokenizer, string Description);
