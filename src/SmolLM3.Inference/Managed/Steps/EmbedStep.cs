using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Looks up the embedding of every row's token, and the rotation tables of its position.</summary>
internal sealed unsafe class EmbedStep(ModelConfig config, ModelWeights weights, Rope rope, Workspace space) : RowStep
{
    private Batch? _batch;

    /// <summary>The batch to look up.</summary>
    public EmbedStep With(Batch batch)
    {
        _batch = batch;
        return this;
    }

    /// <inheritdoc/>
    protected override void RunRow(int row, int worker)
    {
        BatchRow token = _batch!.Rows[row];
        weights.Embedding.ReadRow(token.Token, space.Hidden + ((long)row * config.Width));
        long tables = (long)row * config.RopeDimensions;
        rope.Fill(token.Position, space.Cos + tables, space.Sin + tables);
    }
}
