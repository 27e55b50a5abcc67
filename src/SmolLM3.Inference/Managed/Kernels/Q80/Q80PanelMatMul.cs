using System.Runtime.Intrinsics;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>Panels of Q8_0 weights; sums as <see cref="Q80MatMulScalar"/> says.</summary>
internal abstract unsafe class Q80PanelMatMul : PanelMatMul
{
    /// <summary>Tokens whose sums fit the registers.</summary>
    private const int TileTokens = 4;

    public sealed override GgufTensorType WeightType => GgufTensorType.Q8_0;

    public sealed override ActivationFormat Activations => ActivationFormat.Q8_0;

    protected sealed override int BlockLength => Q80Block.Length;

    protected sealed override int BlockBytes => Q80Block.Bytes;

    protected sealed override int PanelBlocks => 8;

    protected sealed override int DotTokens => 1;

    protected sealed override int LeastPanelTokens => 4;

    protected sealed override long ActivationBytes(int columns) => Q80Scalar.BytesOfRow(columns);

    protected sealed override void Dot(
        byte* weights,
        long rowBytes,
        int rows,
        byte* activations,
        int tokens,
        int columns,
        float* output,
        int outputStride)
    {
        var row = new Q80Row(activations, columns);
        for (; rows > 0; rows -= Q80DotAvx2.Rows, weights += Q80DotAvx2.Rows * rowBytes, output += Q80DotAvx2.Rows)
        {
            Vector256<float> sums = Q80DotAvx2.Dot(
                (Q80Block*)weights,
                (Q80Block*)(weights + Math.Min(1, rows - 1) * rowBytes),
                (Q80Block*)(weights + Math.Min(2, rows - 1) * rowBytes),
                (Q80Block*)(weights + Math.Min(3, rows - 1) * rowBytes),
                row,
                columns / Q80Block.Length);
            for (int i = 0; i < Math.Min(rows, Q80DotAvx2.Rows); i++)
            {
                output[i] = sums[i + (i & 2)];
            }
        }
    }

    protected sealed override void Accumulate(
        byte* panel, byte* activations, int columns, int block, int blocks, int tokens, float* sums)
    {
        long stride = ActivationBytes(columns);
        for (int token = 0; token < tokens; token += TileTokens)
        {
            var row = new Q80Row(activations + token * stride, columns);
            Accumulate(
                Math.Min(TileTokens, tokens - token),
                panel,
                blocks,
                row.Quants + block * Q80Block.Length,
                row.Scales + block,
                stride,
                sums + token * SumsPerToken);
        }
    }

    /// <summary>
    /// Adds the products of a panel with 1 to <see cref="TileTokens"/> tokens, which are a stride apart.
    /// </summary>
    protected abstract void Accumulate(
        int tokens, byte* panel, int blocks, short* quants, float* scales, long stride, float* sums);

    protected sealed override void Finish(float* sums, float* results) =>
        new ReadOnlySpan<float>(sums, SumsPerToken).CopyTo(new Span<float>(results, PanelRows));
}
