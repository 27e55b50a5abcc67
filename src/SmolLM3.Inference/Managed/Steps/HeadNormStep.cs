using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Adds the last branch and norms, for the rows that asked for logits; the others end here.</summary>
internal sealed unsafe class HeadNormStep(
    ModelConfig config, ModelWeights weights, Workspace space, VectorKernel vector, int workers) : RowStep
{
    private readonly Scratch _scratch = space.TakeScratch(workers, config.Width);
    private Batch? _batch;

    /// <summary>Of which batch.</summary>
    public HeadNormStep With(Batch batch)
    {
        _batch = batch;
        return this;
    }

    /// <inheritdoc/>
    protected override void RunRow(int row, int worker)
    {
        int index = _batch!.Rows[row].LogitsIndex;
        if (index < 0)
        {
            return;
        }

        float* hidden = space.Hidden + ((long)row * config.Width);
        float* normed = _scratch.Get(worker);
        vector.Add(hidden, space.Branch + ((long)row * config.Width), config.Width);
        vector.Normalize(hidden, weights.OutputNorm, config.NormEpsilon, normed, config.Width);
        space.HeadRows.Set(index, normed);
    }
}
