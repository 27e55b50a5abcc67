using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q4_K weights on AVX-512.</summary>
internal sealed unsafe class Q4KAvx512 : KQuantPanelMatMul<Q4KBlocksAvx2, Q4KTokensAvx2>
{
    public override string Name => "q4_k/avx512";

    public override GgufTensorType WeightType => GgufTensorType.Q4_K;

    protected override int DotRows => KQuantSixteenRows<Q4KSixteenAvx512>.Rows;

    protected override int LeastPanelTokens => KQuantSixteenRows<Q4KSixteenAvx512>.MostTokens + 1;

    protected override int PanelRows => 2 * Q4KPanelAvx512.Rows;

    protected override int PanelBytes => 2 * Q4KPanelAvx512.Bytes;

    protected override int SumsPerToken => Q4KTileAvx512.SumsPerToken;

    protected override void DotFew(
        byte* weights, int rows, Q8KBlock* activations, int tokens, int blocks, float* output, int stride)
    {
        if (rows >= KQuantSixteenRows<Q4KSixteenAvx512>.Rows)
        {
            KQuantSixteenRows<Q4KSixteenAvx512>.Dot(weights, rows, activations, tokens, blocks, output, stride);
        }
        else
        {
            base.DotFew(weights, rows, activations, tokens, blocks, output, stride);
        }
    }

    protected override void Decode(byte* weights, long rowBytes, int blocks, byte* panel)
    {
        Q4KPanelAvx512.Decode(weights, rowBytes, panel);
        Q4KPanelAvx512.Decode(weights + Q4KPanelAvx512.Rows * rowBytes, rowBytes, panel + Q4KPanelAvx512.Bytes);
    }

    protected override void Accumulate(int tokens, byte* panel, byte* block, long stride, float* sums) =>
        Q4KTileAvx512.Multiply(tokens, panel, block, stride, sums);

    protected override void Finish(float* sums, float* results)
    {
        for (int i = 0; i < 16; i++)
        {
            results[i] = sums[i] - sums[16 + i];
            results[16 + i] = sums[32 + i] - sums[48 + i];
        }
    }
}
