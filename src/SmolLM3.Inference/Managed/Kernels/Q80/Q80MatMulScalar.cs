using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>
/// Q8_0 weights with Q8_0 activations, one value at a time. The float additions of every kernel of this format, on any
/// instruction set:
/// <code>sum += (float)Σ quant * activation * (weight scale * activation scale)      block after block</code>
/// without fused multiply-add; the sum inside a block is an exact integer.
/// </summary>
internal sealed unsafe class Q80MatMulScalar : MatMulKernel
{
    public override string Name => "q8_0/scalar";

    public override GgufTensorType WeightType => GgufTensorType.Q8_0;

    public override ActivationFormat Activations => ActivationFormat.Q8_0;

    public override void Multiply(
        byte* weights,
        int columns,
        int firstRow,
        int endRow,
        byte* activations,
        int tokens,
        float* output,
        int outputStride)
    {
        long rowBytes = (long)columns / Q80Block.Length * Q80Block.Bytes;
        long activationBytes = Q80Scalar.BytesOfRow(columns);
        for (int row = firstRow; row < endRow; row++)
        {
            for (int token = 0; token < tokens; token++)
            {
                output[(long)token * outputStride + row] = Dot(
                    (Q80Block*)(weights + row * rowBytes),
                    new Q80Row(activations + token * activationBytes, columns),
                    columns);
            }
        }
    }

    private static float Dot(Q80Block* row, Q80Row activations, int columns)
    {
        float sum = 0;
        for (int block = 0; block < columns / Q80Block.Length; block++, row++)
        {
            short* quants = activations.Quants + block * Q80Block.Length;
            int products = 0;
            for (int i = 0; i < Q80Block.Length; i++)
            {
                products += row->Quants[i] * quants[i];
            }

            sum += products * ((float)BitConverter.UInt16BitsToHalf(row->Scale) * activations.Scales[block]);
        }

        return sum;
    }
}
