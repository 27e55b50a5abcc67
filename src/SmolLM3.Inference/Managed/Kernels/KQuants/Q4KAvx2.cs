using System.Runtime.Intrinsics;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Q4_K weights on AVX2.</summary>
internal sealed unsafe class Q4KAvx2 : KQuantPanelMatMul<Q4KBlocksAvx2, Q4KTokensAvx2>
{
    public override string Name => "q4_k/avx2";

    public override GgufTensorType WeightType => GgufTensorType.Q4_K;

    protected override int PanelRows => Q4KPanelAvx2.Rows;

    protected override int PanelBytes => Q4KPanelAvx2.Bytes;

    protected override int SumsPerToken => Q4KTileAvx2.SumsPerToken;

    protected override void Decode(byte* weights, long rowBytes, int blocks, byte* panel) =>
        Q4KPanelAvx2.Decode(weights, rowBytes, panel);

    protected override void Accumulate(int tokens, byte* panel, byte* block, long stride, float* sums) =>
        Q4KTileAvx2.Multiply(tokens, panel, block, stride, sums);

    protected override void Finish(float* sums, float* results) =>
        (Vector256.LoadAligned(sums) - Vector256.LoadAligned(sums + 8)).Store(results);
}
