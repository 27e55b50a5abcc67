using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Adapters;

/// <summary>A matrix of a model that adapters change.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Target">Which matrix of it.</param>
internal readonly record struct LoraPlace(int Layer, LoraTarget Target);
