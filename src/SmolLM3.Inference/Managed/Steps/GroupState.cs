using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>The attention states of several queries, shape <c>[queries, state length]</c>.</summary>
internal static unsafe class GroupState
{
    /// <summary>The states before the first block.</summary>
    public static void Clear(AttentionShape shape, float* states, int queries)
    {
        for (int i = 0; i < queries; i++)
        {
            AttentionKernel.Clear(shape, states + (i * shape.StateLength));
        }
    }

    /// <summary>Merges those of later tokens.</summary>
    public static void Merge(AttentionKernel kernel, AttentionShape shape, float* states, float* later, int queries)
    {
        for (int i = 0; i < queries; i++)
        {
            kernel.Merge(shape, states + (i * shape.StateLength), later + (i * shape.StateLength));
        }
    }

    /// <summary>Writes the results, shape <c>[queries, head dimension]</c>.</summary>
    public static void Finish(AttentionKernel kernel, AttentionShape shape, float* states, float* output, int queries)
    {
        for (int i = 0; i < queries; i++)
        {
            kernel.Finish(shape, states + (i * shape.StateLength), output + (i * shape.HeadDimension));
        }
    }
}
