using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>Two rows and one token, four vectors of lanes each.</summary>
internal sealed unsafe class FloatTileVector128 : FloatTile
{
    public override string SetName => "vector128";

    protected override int TileRows => 2;

    protected override int TileTokens => 1;

    /// <summary>A missing row is the other one again.</summary>
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
        Vector128<float> s0 = default, s4 = default, s8 = default, s12 = default;
        Vector128<float> t0 = default, t4 = default, t8 = default, t12 = default;
        float* second = rows > 1 ? weights + weightStride : weights;
        for (int i = 0; i < length; i += Lanes)
        {
            Vector128<float> a0 = Vector128.Load(activations + i);
            Vector128<float> a4 = Vector128.Load(activations + i + 4);
            Vector128<float> a8 = Vector128.Load(activations + i + 8);
            Vector128<float> a12 = Vector128.Load(activations + i + 12);
            s0 = Vector128.FusedMultiplyAdd(Vector128.Load(weights + i), a0, s0);
            s4 = Vector128.FusedMultiplyAdd(Vector128.Load(weights + i + 4), a4, s4);
            s8 = Vector128.FusedMultiplyAdd(Vector128.Load(weights + i + 8), a8, s8);
            s12 = Vector128.FusedMultiplyAdd(Vector128.Load(weights + i + 12), a12, s12);
            t0 = Vector128.FusedMultiplyAdd(Vector128.Load(second + i), a0, t0);
            t4 = Vector128.FusedMultiplyAdd(Vector128.Load(second + i + 4), a4, t4);
            t8 = Vector128.FusedMultiplyAdd(Vector128.Load(second + i + 8), a8, t8);
            t12 = Vector128.FusedMultiplyAdd(Vector128.Load(second + i + 12), a12, t12);
        }

        output[0] = Reduce((s0 + s8) + (s4 + s12));
        if (rows > 1)
        {
            output[1] = Reduce((t0 + t8) + (t4 + t12));
        }
    }
}
