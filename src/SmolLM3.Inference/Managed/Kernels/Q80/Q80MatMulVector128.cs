using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>Q8_0 weights on any processor with 128-bit vectors.</summary>
internal sealed unsafe class Q80MatMulVector128 : MatMulKernel
{
    public override string Name => "q8_0/vector128";

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
        int blocks = columns / Q80Block.Length;
        long rowBytes = (long)blocks * Q80Block.Bytes;
        long activationBytes = Q80Scalar.BytesOfRow(columns);
        for (int row = firstRow; row < endRow; row++)
        {
            for (int token = 0; token < tokens; token++)
            {
                output[(long)token * outputStride + row] = Dot(
                    (Q80Block*)(weights + row * rowBytes),
                    new Q80Row(activations + token * activationBytes, columns),
                    blocks);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(Q80Block* row, Q80Row activations, int blocks)
    {
        short* quants = activations.Quants;
        float sum = 0;
        for (int block = 0; block < blocks; block++, row++, quants += Q80Block.Length)
        {
            int products = Vector128.Sum(Part(row->Quants, quants) + Part(row->Quants + 16, quants + 16));
            sum += products * (HalfBits.ToSingle(row->Scale) * activations.Scales[block]);
        }

        return sum;
    }

    /// <summary>16 products in 4 parts. One of -128 * 127 fits in 16 bits, and two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Part(sbyte* weights, short* activations)
    {
        (Vector128<short> w0, Vector128<short> w1) = Vector128.Widen(Vector128.Load(weights));
        Vector128<short> pairs = w0 * Vector128.Load(activations) + w1 * Vector128.Load(activations + 8);
        (Vector128<int> lower, Vector128<int> upper) = Vector128.Widen(pairs);
        return lower + upper;
    }
}
