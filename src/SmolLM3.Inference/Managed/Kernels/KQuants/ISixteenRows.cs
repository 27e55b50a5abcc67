using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>What <see cref="KQuantSixteenRows{TFormat}"/> needs of a format.</summary>
internal unsafe interface ISixteenRows
{
    /// <summary>Bytes of a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Floats that are kept for a token: 16 for the part that adds and, where the format has one, 16 for the
    /// part that is taken away.</summary>
    static abstract int SumsPerToken { get; }

    /// <summary>Adds the products of one block of 16 rows with the same block of <typeparamref name="TCount"/> tokens.
    /// </summary>
    /// <param name="weights">The block of the first row.</param>
    /// <param name="rowBytes">Bytes from row to row.</param>
    /// <param name="activations">The block of each token.</param>
    /// <param name="sums">[4, SumsPerToken], aligned to a vector.</param>
    static abstract void Add<TCount>(byte* weights, long rowBytes, in Four<Q8KBlock> activations, float* sums)
        where TCount : struct, ITokenCount;

    /// <summary>A token's results from its sums.</summary>
    static abstract Vector512<float> Finish(float* sums);
}
