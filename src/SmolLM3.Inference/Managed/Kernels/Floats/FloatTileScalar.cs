namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>One value at a time.</summary>
internal sealed unsafe class FloatTileScalar : FloatTile
{
    public override string SetName => "scalar";

    protected override int TileRows => 1;

    protected override int TileTokens => 1;

    protected override void Multiply(
        float* weights,
        long weightStride,
        int rows,
        float* activations,
        long activationStride,
        int tokens,
        int length,
        float* output,
        long outputStride)
    {
        float* sums = stackalloc float[Lanes];
        new Span<float>(sums, Lanes).Clear();
        for (int i = 0; i < length; i += Lanes)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                sums[lane] = MathF.FusedMultiplyAdd(weights[i + lane], activations[i + lane], sums[lane]);
            }
        }

        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int lane = 0; lane < half; lane++)
            {
                sums[lane] += sums[lane + half];
            }
        }

        output[0] = sums[0];
    }
}
