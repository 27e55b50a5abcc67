namespace SmolLM3.Inference.Gguf;

/// <summary>What an adapter adds to one matrix W of a model: <c>W x + factor · B (A x)</c>.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Target">Which matrix of it.</param>
/// <param name="A"><c>rank</c> rows of W's inputs.</param>
/// <param name="B">As many rows as W has outputs, each of <c>rank</c> numbers.</param>
/// <param name="Factor">Alpha over the rank, or 1 where the file names no alpha.</param>
internal sealed record LoraTensors(int Layer, LoraTarget Target, GgufTensor A, GgufTensor B, float Factor)
{
    /// <summary>The rank.</summary>
    public int Rank => (int)A.RowCount;
}
