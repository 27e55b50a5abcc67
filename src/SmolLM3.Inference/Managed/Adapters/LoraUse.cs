namespace SmolLM3.Inference.Managed.Adapters;

/// <summary>One adapter of a set.</summary>
/// <param name="Adapter">The adapter.</param>
/// <param name="Scale">What it adds is multiplied by this.</param>
/// <param name="Offset">Where its numbers begin among those of the set: the ranks of the adapters before it.</param>
internal readonly record struct LoraUse(LoraAdapter Adapter, float Scale, int Offset);
