using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>What <see cref="KQuantTokens{TFormat, TBlock}"/> needs of a format: one block whose scales are decoded,
/// for four tokens.</summary>
internal unsafe interface IFourTokens<TSelf>
    where TSelf : struct, IFourTokens<TSelf>
{
    /// <summary>Decodes a block's scales.</summary>
    static abstract TSelf Prepare(byte* weights);

    /// <summary>Products of that block with the activations of four tokens, which stand as four blocks would.</summary>
    static abstract FourProducts Multiply(in TSelf block, byte* weights, in Four<Q8KBlock> activations);
}
