using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q6_K weights on AVX-512.</summary>
internal sealed unsafe class Q6KAvx512 : KQuantPanelMatMul<Q6KBlocksAvx2, Q6KTokensAvx2>
{
    public override string Name => "q6_k/avx512";

    public override GgufTensorType WeightType => GgufTensorType.Q6_K;

    protected override int DotRows => KQuantSixteenRows<Q6KSixteenAvx512>.Rows;

    protected override int LeastPanelTokens => KQuantSixteenRows<Q6KSixteenAvx512>.MostTokens + 1;

    protected override int PanelRows => 2 * Q6KPanelAvx512.Rows;

    protected override int PanelBytes => 2 * Q6KPanelAvx512.Bytes;

    protected override int SumsPerToken => Q6KTileAvx512.SumsPerToken;

    protected override void DotFew(
        byte* weights, int rows, Q8KBlock* activations, int tokens, int blocks, float* output, int stride)
    {
        if (rows >= KQuantSixteenRows<Q6KSixteenAvx512>.Rows)
        {
            KQuantSixteenRows<Q6KSixteenAvx512>.Dot(weights, rows, activations, tokens, blocks, output, stride);
        }
        else
        {
            base.DotFew(weights, rows, activations, tokens, blocks, output, stride);
        }
    }

    protected override void Decode(byte* weights, long rowBytes, int blocks, byte* panel)
    {
        Q6KPanelAvx512.Decode(weights, rowBytes, panel);
        Q6KPanelAvx512.Decode(weights + Q6KPanelAvx512.Rows * rowBytes, rowBytes, panel + Q6KPanelAvx512.Bytes);
    }

    protected override void Accumulate(int tokens, byte* panel, byte* block, long stride, float* sums) =>
        Q6KTileAvx512.Multiply(tokens, panel, block, stride, sums);

    protected override void Finish(float* sums, float* results) =>
        new ReadOnlySpan<float>(sums, SumsPerToken).CopyTo(new Span<float>(results, PanelRows));
}
