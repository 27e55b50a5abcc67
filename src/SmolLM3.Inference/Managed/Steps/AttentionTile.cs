namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Rows of one sequence that attend to a range of its blocks together.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="FirstRow">First row of the batch.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="FirstBlock">First block of the sequence.</param>
/// <param name="EndBlock">The block after the last.</param>
/// <param name="Partial">When the blocks of a row are shared out: where the results of its first block are kept until
/// all are there; else -1.</param>
internal readonly record struct AttentionTile(
    int Sequence, int FirstRow, int Rows, int FirstBlock, int EndBlock, int Partial);
