using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Merges what the parts of a row's attention kept, chunk by chunk in order, as if one had done all.</summary>
internal sealed unsafe class CombineStep(
    ModelConfig config, Workspace space, AttentionShape shape, AttentionKernel kernel, AttentionPlan plan,
    AttendStep attend, int workers) : Step
{
    private readonly Scratch _states = space.TakeScratch(workers, config.Group * shape.StateLength);

    /// <inheritdoc/>
    public override int Divide(int rows, int workers) => plan.SplitRows * config.KvHeads;

    /// <inheritdoc/>
    public override void Run(int part, int worker)
    {
        ref readonly AttentionTile row = ref plan.SplitRow(part / config.KvHeads);
        int head = part % config.KvHeads;
        float* states = _states.Get(worker);
        GroupState.Clear(shape, states, config.Group);
        for (int chunk = 0; chunk < row.EndChunk; chunk++)
        {
            GroupState.Merge(kernel, shape, states, attend.Partial(row.Partial + chunk, head), config.Group);
        }

        GroupState.Finish(kernel, shape, states, attend.Output(row.FirstRow, head), config.Group);
    }
}
