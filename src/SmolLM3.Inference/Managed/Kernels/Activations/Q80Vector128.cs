using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.Activations;

/// <summary><see cref="Q80Scalar"/> on any processor with 128-bit vectors.</summary>
internal sealed unsafe class Q80Vector128 : ActivationKernel
{
    public override ActivationFormat Format => ActivationFormat.Q8_0;

    public override long RowBytes(int columns) => Q80Scalar.BytesOfRow(columns);

    public override void Quantize(float* x, int columns, byte* destination)
    {
        var row = new Q80Row(destination, columns);
        for (int i = 0; i < columns; i += Q80Row.BlockLength)
        {
            row.Scales[i / Q80Row.BlockLength] = QuantizeBlock(x + i, row.Quants + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float QuantizeBlock(float* x, short* quants)
    {
        Vector128<float> magnitudes = Vector128.Abs(Vector128.Load(x));
        for (int i = 4; i < Q80Row.BlockLength; i += 4)
        {
            magnitudes = Vector128.Max(magnitudes, Vector128.Abs(Vector128.Load(x + i)));
        }

        float largest = MathF.Max(
            MathF.Max(magnitudes[0], magnitudes[1]), MathF.Max(magnitudes[2], magnitudes[3]));
        bool zero = largest < Q8KScalar.Smallest;
        Vector128<float> scale = Vector128.Create(zero ? 0 : 127f / largest);
        for (int i = 0; i < Q80Row.BlockLength; i += 8)
        {
            Vector128.Narrow(Round(x + i, scale), Round(x + i + 4, scale)).Store(quants + i);
        }

        return zero ? 0 : largest / 127f;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Round(float* x, Vector128<float> scale) =>
        Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(x) * scale));
}
