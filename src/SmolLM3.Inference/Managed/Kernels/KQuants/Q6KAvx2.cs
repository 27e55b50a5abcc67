using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q6_K weights on AVX2.</summary>
internal sealed unsafe class Q6KAvx2 : KQuantPanelMatMul
{
    public override string Name => "q6_k/avx2";

    public override GgufTensorType WeightType => GgufTensorType.Q6_K;

    protected override int BlockBytes => Q6KBlock.Bytes;

    protected override int PanelRows => Q6KPanelAvx2.Rows;

    protected override int PanelBytes => Q6KPanelAvx2.Bytes;

    protected override int SumsPerToken => Q6KTileAvx2.SumsPerToken;

    protected override int LeastPanelTokens => 4;

    protected override void Dot(
        byte* weights, long rowBytes, int rows, byte* activations, int columns, float* output) =>
        KQuantDotAvx2<Q6KFourBlocks>.Dot(weights, rows, (Q8KBlock*)activations, columns / Q6KBlock.Length, output);

    protected override void Decode(byte* weights, long rowBytes, int blocks, byte* panel) =>
        Q6KPanelAvx2.Decode(weights, rowBytes, panel);

    protected override void Accumulate(int tokens, byte* panel, byte* block, long stride, float* sums) =>
        Q6KTileAvx2.Multiply(tokens, panel, block, stride, sums);

    protected override void Finish(float* sums, float* results) =>
        new ReadOnlySpan<float>(sums, SumsPerToken).CopyTo(new Span<float>(results, PanelRows));
}
