using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.KQuants;
using SmolLM3.Inference.Managed.Kernels.Q80;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>Puts the kernel sets together.</summary>
internal static class KernelSets
{
    /// <summary>All of them, the best first.</summary>
    public static KernelSet[] Create() => [Scalar()];

    private static KernelSet Scalar() => new(
        "scalar",
        isSupported: true,
        [new Q4KScalar(), new Q6KScalar(), new Q80MatMulScalar()],
        [new Float32Activation(), new Q80Scalar(), new Q8KScalar()]);
}
