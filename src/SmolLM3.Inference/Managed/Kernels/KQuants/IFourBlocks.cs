using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>What <see cref="KQuantDot{TFormat}"/> needs of a format. Sums come in lane pairs: the part that adds and,
/// where the format has one, the part that is taken away.</summary>
internal unsafe interface IFourBlocks
{
    /// <summary>Bytes of a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Products of four blocks with their activations, for <see cref="Panels.BlockSums"/>.</summary>
    /// <param name="weights">The four blocks.</param>
    /// <param name="activations">Theirs.</param>
    /// <param name="scratch">128 bytes aligned to 32.</param>
    static abstract FourProducts Multiply(in Four<byte> weights, in Four<Q8KBlock> activations, byte* scratch);

    /// <summary>The results of sums, in the even lanes.</summary>
    static abstract Vector256<float> Finish(Vector256<float> sums);
}
