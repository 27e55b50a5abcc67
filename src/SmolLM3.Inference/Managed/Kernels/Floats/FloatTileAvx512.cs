using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>Tiles of 4 rows and up to 4 tokens, a vector of lanes each.</summary>
internal sealed unsafe class FloatTileAvx512 : FloatTile
{
    public override string SetName => "avx512";

    protected override int TileRows => 4;

    protected override int TileTokens => 4;

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
        if (rows == 4 && tokens == 4)
        {
            FourByFour(
                weights, weightStride, activations, activationStride, length, output, outputStride);
            return;
        }

        for (int token = 0; token < tokens; token++)
        {
            for (int row = 0; row < rows; row++)
            {
                output[token * outputStride + row] =
                    Dot(weights + row * weightStride, activations + token * activationStride, length);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* weights, float* activations, int length)
    {
        Vector512<float> sum = default;
        for (int i = 0; i < length; i += Lanes)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(weights + i), Vector512.Load(activations + i), sum);
        }

        return Reduce(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByFour(
        float* weights,
        long weightStride,
        float* activations,
        long activationStride,
        int length,
        float* output,
        long outputStride)
    {
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default;
        Vector512<float> s10 = default, s11 = default, s12 = default, s13 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default, s23 = default;
        Vector512<float> s30 = default, s31 = default, s32 = default, s33 = default;
        float* w1 = weights + weightStride;
        float* w2 = w1 + weightStride;
        float* w3 = w2 + weightStride;
        float* a1 = activations + activationStride;
        float* a2 = a1 + activationStride;
        float* a3 = a2 + activationStride;
        for (int i = 0; i < length; i += Lanes)
        {
            Vector512<float> x0 = Vector512.Load(weights + i);
            Vector512<float> x1 = Vector512.Load(w1 + i);
            Vector512<float> x2 = Vector512.Load(w2 + i);
            Vector512<float> x3 = Vector512.Load(w3 + i);
            Vector512<float> a = Vector512.LoadAligned(activations + i);
            s00 = Vector512.FusedMultiplyAdd(x0, a, s00);
            s01 = Vector512.FusedMultiplyAdd(x1, a, s01);
            s02 = Vector512.FusedMultiplyAdd(x2, a, s02);
            s03 = Vector512.FusedMultiplyAdd(x3, a, s03);
            a = Vector512.LoadAligned(a1 + i);
            s10 = Vector512.FusedMultiplyAdd(x0, a, s10);
            s11 = Vector512.FusedMultiplyAdd(x1, a, s11);
            s12 = Vector512.FusedMultiplyAdd(x2, a, s12);
            s13 = Vector512.FusedMultiplyAdd(x3, a, s13);
            a = Vector512.LoadAligned(a2 + i);
            s20 = Vector512.FusedMultiplyAdd(x0, a, s20);
            s21 = Vector512.FusedMultiplyAdd(x1, a, s21);
            s22 = Vector512.FusedMultiplyAdd(x2, a, s22);
            s23 = Vector512.FusedMultiplyAdd(x3, a, s23);
            a = Vector512.LoadAligned(a3 + i);
            s30 = Vector512.FusedMultiplyAdd(x0, a, s30);
            s31 = Vector512.FusedMultiplyAdd(x1, a, s31);
            s32 = Vector512.FusedMultiplyAdd(x2, a, s32);
            s33 = Vector512.FusedMultiplyAdd(x3, a, s33);
        }

        Vector128.Create(Reduce(s00), Reduce(s01), Reduce(s02), Reduce(s03)).Store(output);
        Vector128.Create(Reduce(s10), Reduce(s11), Reduce(s12), Reduce(s13)).Store(output + outputStride);
        Vector128.Create(Reduce(s20), Reduce(s21), Reduce(s22), Reduce(s23)).Store(output + 2 * outputStride);
        Vector128.Create(Reduce(s30), Reduce(s31), Reduce(s32), Reduce(s33)).Store(output + 3 * outputStride);
    }
}
