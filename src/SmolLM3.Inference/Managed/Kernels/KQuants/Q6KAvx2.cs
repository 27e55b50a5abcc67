using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q6_K weights on AVX2.</summary>
internal sealed unsafe class Q6KAvx2 : KQuantPanelMatMul<Q6KBlocksAvx2, Q6KTokensAvx2>
{
    public override string Name => "q6_k/avx2";

    public override GgufTensorType WeightType => GgufTensorType.Q6_K;

    protected override int PanelRows => Q6KPanelAvx2.Rows;

    protected override int PanelBytes => Q6KPanelAvx2.Bytes;

    protected override int SumsPerToken => Q6KTileAvx2.SumsPerToken;

    protected override void Decode(byte* weights, long rowBytes, int blocks, byte* panel) =>
        Q6KPanelAvx2.Decode(weights, rowBytes, panel);

    protected override void Accumulate(int tokens, byte* panel, byte* block, long stride, float* sums) =>
        Q6KTileAvx2.Multiply(tokens, panel, block, stride, sums);

    protected override void Finish(float* sums, float* results) =>
        new ReadOnlySpan<float>(sums, SumsPerToken).CopyTo(new Span<float>(results, PanelRows));
}
