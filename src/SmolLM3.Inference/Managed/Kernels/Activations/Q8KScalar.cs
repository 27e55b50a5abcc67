namespace SmolLM3.Inference.Managed.Kernels.Activations;

/// <summary>
/// The value of the largest magnitude becomes -127 (a tie goes to the positive one), the rest is rounded to nearest,
/// ties to even. Blocks too small for a finite 127/x become zeros.
/// </summary>
internal sealed unsafe class Q8KScalar : ActivationKernel
{
    /// <summary>Below it 127/x would not be finite.</summary>
    public const float Smallest = 1e-36f;

    public override ActivationFormat Format => ActivationFormat.Q8_K;

    public override long RowBytes(int columns) => BytesOfRow(columns);

    public static long BytesOfRow(int columns) =>
        OddCacheLines((long)columns / Q8KBlock.Length * Q8KBlock.Bytes);

    public override void Quantize(float* x, int columns, byte* destination)
    {
        var block = (Q8KBlock*)destination;
        for (int i = 0; i < columns; i += Q8KBlock.Length, block++)
        {
            QuantizeBlock(x + i, block);
        }
    }

    private static void QuantizeBlock(float* x, Q8KBlock* block)
    {
        float largest = 0;
        float smallest = 0;
        for (int i = 0; i < Q8KBlock.Length; i++)
        {
            largest = MathF.Max(largest, x[i]);
            smallest = MathF.Min(smallest, x[i]);
        }

        float extreme = largest >= -smallest ? largest : smallest;
        if (MathF.Abs(extreme) < Smallest)
        {
            *block = default;
            return;
        }

        float inverse = -127f / extreme;
        for (int i = 0; i < Q8KBlock.Length; i++)
        {
            block->Quants[i] = (sbyte)MathF.Round(x[i] * inverse);
        }

        block->Scale = 1f / inverse;
        SumBlock(block);
    }

    private static void SumBlock(Q8KBlock* block)
    {
        for (int i = 0; i < Q8KBlock.Length / 16; i++)
        {
            int sum = 0;
            for (int j = 0; j < 16; j++)
            {
                sum += block->Quants[i * 16 + j];
            }

            block->Sums16[i] = (short)sum;
        }

        for (int i = 0; i < Q8KBlock.Length / 32; i++)
        {
            block->Sums32[i] = (short)(block->Sums16[2 * i] + block->Sums16[2 * i + 1]);
        }
    }
}
