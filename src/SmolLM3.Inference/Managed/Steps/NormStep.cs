using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Adds the last branch to the hidden rows and norms them into the form the next matrices read.</summary>
internal sealed unsafe class NormStep(ModelConfig config, Workspace space, VectorKernel vector, int workers) : RowStep
{
    private readonly Scratch _scratch = space.TakeScratch(workers, config.Width);
    private float* _weight;
    private bool _addBranch;
    private float* _kept;

    /// <summary>Which norm.</summary>
    /// <param name="weight">Shape <c>[width]</c>.</param>
    /// <param name="addBranch">Whether there is a branch to add.</param>
    /// <param name="kept">Where the normed rows are kept as floats, shape <c>[rows, width]</c>; null: nowhere.</param>
    public NormStep With(float* weight, bool addBranch, float* kept)
    {
        _weight = weight;
        _addBranch = addBranch;
        _kept = kept;
        return this;
    }

    /// <inheritdoc/>
    protected override void RunRow(int row, int worker)
    {
        float* hidden = space.Hidden + ((long)row * config.Width);
        float* normed = _kept is null ? _scratch.Get(worker) : _kept + ((long)row * config.Width);
        if (_addBranch)
        {
            vector.Add(hidden, space.Branch + ((long)row * config.Width), config.Width);
        }

        vector.Normalize(hidden, _weight, config.NormEpsilon, normed, config.Width);
        space.Normed.Set(row, normed);
    }
}
