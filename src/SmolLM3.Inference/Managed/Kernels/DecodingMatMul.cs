namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// The plain way to multiply: decode a weight row once into scratch memory, then take its dot product with every token.
/// </summary>
internal abstract unsafe class DecodingMatMul : MatMulKernel
{
    public sealed override void Multiply(
        byte* weights,
        int columns,
        int firstRow,
        int endRow,
        byte* activations,
        int tokens,
        float* output,
        int outputStride)
    {
        byte* decoded = KernelScratch.Get(DecodedBytes(columns));
        long rowBytes = RowBytes(columns);
        long activationBytes = ActivationBytes(columns);
        for (int row = firstRow; row < endRow; row++)
        {
            Decode(weights + row * rowBytes, columns, decoded);
            for (int token = 0; token < tokens; token++)
            {
                output[(long)token * outputStride + row] = Dot(decoded, activations + token * activationBytes, columns);
            }
        }
    }

    /// <summary>Bytes of a weight row as stored.</summary>
    protected abstract long RowBytes(int columns);

    /// <summary>Bytes of an activation row.</summary>
    protected abstract long ActivationBytes(int columns);

    /// <summary>Bytes of a weight row once decoded.</summary>
    protected abstract long DecodedBytes(int columns);

    protected abstract void Decode(byte* row, int columns, byte* decoded);

    protected abstract float Dot(byte* decoded, byte* activations, int columns);
}
