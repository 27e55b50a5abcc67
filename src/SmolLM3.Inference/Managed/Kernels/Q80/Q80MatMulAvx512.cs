namespace SmolLM3.Inference.Managed.Kernels.Q80;

/// <summary>Q8_0 weights on AVX-512.</summary>
internal sealed unsafe class Q80MatMulAvx512 : Q80PanelMatMul
{
    public override string Name => "q8_0/avx512";

    protected override int PanelRows => 2 * Q80PanelAvx512.Rows;

    protected override int PanelBytes => 2 * PanelBlocks * Q80PanelAvx512.Bytes;

    protected override int SumsPerToken => Q80TileAvx512.SumsPerToken;

    protected override void Decode(byte* weights, long rowBytes, int blocks, byte* panel)
    {
        for (int block = 0; block < blocks; block++, weights += Q80Block.Bytes, panel += 2 * Q80PanelAvx512.Bytes)
        {
            Q80PanelAvx512.Decode(weights, rowBytes, panel);
            Q80PanelAvx512.Decode(weights + Q80PanelAvx512.Rows * rowBytes, rowBytes, panel + Q80PanelAvx512.Bytes);
        }
    }

    protected override void Accumulate(
        int tokens, byte* panel, int blocks, short* quants, float* scales, long stride, float* sums) =>
        Q80TileAvx512.Multiply(tokens, panel, blocks, quants, scales, stride, sums);
}
