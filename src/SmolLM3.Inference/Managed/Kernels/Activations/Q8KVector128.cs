using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.Activations;

/// <summary><see cref="Q8KScalar"/> on any processor with 128-bit vectors.</summary>
internal sealed unsafe class Q8KVector128 : ActivationKernel
{
    public override ActivationFormat Format => ActivationFormat.Q8_K;

    public override long RowBytes(int columns) => Q8KScalar.BytesOfRow(columns);

    public override void Quantize(float* x, int columns, byte* destination)
    {
        var block = (Q8KBlock*)destination;
        for (int i = 0; i < columns; i += Q8KBlock.Length, block++)
        {
            QuantizeBlock(x + i, block);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void QuantizeBlock(float* x, Q8KBlock* block)
    {
        float extreme = Extreme(x);
        if (MathF.Abs(extreme) < Q8KScalar.Smallest)
        {
            *block = default;
            return;
        }

        float inverse = -127f / extreme;
        Vector128<float> scale = Vector128.Create(inverse);
        for (int i = 0; i < Q8KBlock.Length; i += 16)
        {
            Vector128<short> lower = Vector128.Narrow(Round(x + i, scale), Round(x + i + 4, scale));
            Vector128<short> upper = Vector128.Narrow(Round(x + i + 8, scale), Round(x + i + 12, scale));
            Vector128.Narrow(lower, upper).Store(block->Quants + i);
            block->Sums16[i / 16] = Vector128.Sum(lower + upper);
        }

        for (int i = 0; i < Q8KBlock.Length / 32; i++)
        {
            block->Sums32[i] = (short)(block->Sums16[2 * i] + block->Sums16[2 * i + 1]);
        }

        block->Scale = 1f / inverse;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Round(float* x, Vector128<float> scale) =>
        Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(x) * scale));

    /// <summary>The value of the largest magnitude; not a number if there is one that is not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Extreme(float* x)
    {
        Vector128<float> largest = Vector128<float>.Zero;
        Vector128<float> smallest = Vector128<float>.Zero;
        for (int i = 0; i < Q8KBlock.Length; i += 4)
        {
            Vector128<float> values = Vector128.Load(x + i);
            largest = Vector128.Max(largest, values);
            smallest = Vector128.Min(smallest, values);
        }

        float most = MathF.Max(
            MathF.Max(largest[0], largest[1]), MathF.Max(largest[2], largest[3]));
        float least = MathF.Min(
            MathF.Min(smallest[0], smallest[1]), MathF.Min(smallest[2], smallest[3]));
        return most >= -least ? most : least;
    }
}
