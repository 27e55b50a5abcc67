using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>Tiles of 2 rows and 2 tokens, two vectors of lanes each.</summary>
internal sealed unsafe class FloatTileAvx2 : FloatTile
{
    public override string SetName => "avx2";

    protected override int TileRows => 2;

    protected override int TileTokens => 2;

    /// <summary>A missing row or token is another one again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        Vector256<float> s00 = default, s01 = default, s10 = default, s11 = default;
        Vector256<float> t00 = default, t01 = default, t10 = default, t11 = default;
        float* second = rows > 1 ? weights + weightStride : weights;
        float* other = tokens > 1 ? activations + activationStride : activations;
        for (int i = 0; i < length; i += Lanes)
        {
            Vector256<float> x0 = Vector256.Load(weights + i);
            Vector256<float> x1 = Vector256.Load(second + i);
            Vector256<float> a0 = Vector256.LoadAligned(activations + i);
            Vector256<float> a1 = Vector256.LoadAligned(other + i);
            s00 = Vector256.FusedMultiplyAdd(x0, a0, s00);
            s01 = Vector256.FusedMultiplyAdd(x1, a0, s01);
            s10 = Vector256.FusedMultiplyAdd(x0, a1, s10);
            s11 = Vector256.FusedMultiplyAdd(x1, a1, s11);
            x0 = Vector256.Load(weights + i + 8);
            x1 = Vector256.Load(second + i + 8);
            a0 = Vector256.LoadAligned(activations + i + 8);
            a1 = Vector256.LoadAligned(other + i + 8);
            t00 = Vector256.FusedMultiplyAdd(x0, a0, t00);
            t01 = Vector256.FusedMultiplyAdd(x1, a0, t01);
            t10 = Vector256.FusedMultiplyAdd(x0, a1, t10);
            t11 = Vector256.FusedMultiplyAdd(x1, a1, t11);
        }

        output[0] = Reduce(s00 + t00);
        if (rows > 1)
        {
            output[1] = Reduce(s01 + t01);
        }

        if (tokens > 1)
        {
            output[outputStride] = Reduce(s10 + t10);
        }

        if (rows > 1 && tokens > 1)
        {
            output[outputStride + 1] = Reduce(s11 + t11);
        }
    }
}
