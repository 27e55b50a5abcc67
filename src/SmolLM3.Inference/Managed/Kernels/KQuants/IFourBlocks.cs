using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>What <see cref="KQuantDotAvx2{TFormat}"/> needs of a format.</summary>
internal unsafe interface IFourBlocks
{
    /// <summary>Bytes of a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Products of four blocks with their activations, for <see cref="Panels.BlockSums"/>: in each lane pair
    /// the part that adds and, where the format has one, the part that is taken away.</summary>
    /// <param name="weights">The four blocks.</param>
    /// <param name="activations">Theirs.</param>
    /// <param name="scratch">128 bytes aligned to 32.</param>
    static abstract FourProducts Multiply(
        in Four<byte> weights, in Four<Q8KBlock> activations, byte* scratch);

    /// <summary>The result of a row from its sums.</summary>
    static abstract float Finish(Vector128<float> sums);
}
