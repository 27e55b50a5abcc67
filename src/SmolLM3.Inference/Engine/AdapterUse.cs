namespace SmolLM3.Inference.Engine;

/// <summary>One adapter of a set.</summary>
/// <param name="Adapter">What <see cref="IInferenceEngine.LoadAdapter"/> returned.</param>
/// <param name="Scale">What the adapter adds is multiplied by this; 1: as it was trained.</param>
public readonly record struct AdapterUse(int Adapter, float Scale);
