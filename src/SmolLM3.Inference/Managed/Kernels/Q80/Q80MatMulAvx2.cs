namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>Q8_0 weights on AVX2.</summary>
internal sealed unsafe class Q80MatMulAvx2 : Q80PanelMatMul
{
    public override string Name => "q8_0/avx2";

    protected override int PanelRows => Q80PanelAvx2.Rows;

    protected override int PanelBytes => PanelBlocks * Q80PanelAvx2.Bytes;

    protected override int SumsPerToken => Q80TileAvx2.SumsPerToken;

    protected override void Decode(byte* weights, long rowBytes, int blocks, byte* panel)
    {
        for (int block = 0; block < blocks; block++, weights += Q80Block.Bytes, panel += Q80PanelAvx2.Bytes)
        {
            Q80PanelAvx2.Decode(weights, rowBytes, panel);
        }
    }

    protected override void Accumulate(
        int tokens, byte* panel, int blocks, short* quants, float* scales, long stride, float* sums) =>
        Q80TileAvx2.Multiply(tokens, panel, blocks, quants, scales, stride, sums);
}
