namespace SmolLM3.Inference.Managed.Kernels.Activations;

/// <summary>
/// The largest magnitude becomes 127, the rest is rounded to nearest, ties to even. Blocks too small for a finite 127/x
/// become zeros.
/// </summary>
internal sealed unsafe class Q80Scalar : ActivationKernel
{
    public override ActivationFormat Format => ActivationFormat.Q8_0;

    public override long RowBytes(int columns) => BytesOfRow(columns);

    public static long BytesOfRow(int columns) => OddCacheLines(Q80Row.DataBytes(columns));

    public override void Quantize(float* x, int columns, byte* destination)
    {
        var row = new Q80Row(destination, columns);
        for (int i = 0; i < columns; i += Q80Row.BlockLength)
        {
            row.Scales[i / Q80Row.BlockLength] = QuantizeBlock(x + i, row.Quants + i);
        }
    }

    private static float QuantizeBlock(float* x, short* quants)
    {
        float largest = 0;
        for (int i = 0; i < Q80Row.BlockLength; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(x[i]));
        }

        bool zero = largest < Q8KScalar.Smallest;
        float inverse = zero ? 0 : 127f / largest;
        for (int i = 0; i < Q80Row.BlockLength; i++)
        {
            quants[i] = (short)MathF.Round(x[i] * inverse);
        }

        return zero ? 0 : largest / 127f;
    }
}
