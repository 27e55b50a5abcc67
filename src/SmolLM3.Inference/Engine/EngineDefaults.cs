namespace SmolLM3.Inference.Engine;

/// <summary>The numbers an engine starts from, each with its reason.</summary>
internal static class EngineDefaults
{
    /// <summary>Enough for an agent with several conversations; a sequence costs a few bytes until it is used.</summary>
    public const int MaxSequences = 16;

    /// <summary>Weights are read once for this many rows; above 512 the prompt speed gains nothing measurable.</summary>
    public const int MaxBatchRows = 512;
}
