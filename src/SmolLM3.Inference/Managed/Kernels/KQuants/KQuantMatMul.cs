using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// K-format weights decoded to <see cref="DecodedKBlock"/> with Q8_K activations. The float additions of every kernel
/// of these formats, on any instruction set:
/// <code>
/// sum     += (float)Σ scale * quant * activation * (weight scale * activation scale)      block after block
/// minimum += (float)Σ minimum * activation       * (weight minimum * activation scale)    block after block
/// result   = sum - minimum
/// </code>
/// without fused multiply-add; the sums inside a block are exact integers.
/// </summary>
internal abstract unsafe class KQuantMatMul : DecodingMatMul
{
    public sealed override ActivationFormat Activations => ActivationFormat.Q8_K;

    protected sealed override long ActivationBytes(int columns) => Q8KScalar.BytesOfRow(columns);

    protected sealed override long DecodedBytes(int columns) =>
        (long)columns / DecodedKBlock.Length * DecodedKBlock.Bytes;
}
