namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Rows of one sequence that attend to a range of its chunks together.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="FirstRow">First row of the batch.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="FirstChunk">First chunk of the sequence.</param>
/// <param name="EndChunk">The chunk after the last.</param>
/// <param name="Partial">When the chunks of a row are shared out: where the results of its first chunk are kept until
/// all are there; else -1.</param>
internal readonly record struct AttentionTile(
    int Sequence, int FirstRow, int Rows, int FirstChunk, int EndChunk, int Partial);
