using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>The element-wise pieces as plain loops.</summary>
internal sealed unsafe class VectorKernelScalar : VectorKernel
{
    /// <inheritdoc />
    public override AttentionKernel GetAttention(KvCacheType type) => new AttentionKernelScalar();

    /// <inheritdoc />
    public override void Normalize(float* x, float* weight, float epsilon, float* y, int count)
    {
        float squares = 0;
        for (int i = 0; i < count; i++)
        {
            squares += x[i] * x[i];
        }

        float scale = 1 / MathF.Sqrt((squares / count) + epsilon);
        for (int i = 0; i < count; i++)
        {
            y[i] = x[i] * scale * weight[i];
        }
    }

    /// <inheritdoc />
    public override void Add(float* x, float* y, int count)
    {
        for (int i = 0; i < count; i++)
        {
            x[i] += y[i];
        }
    }

    /// <inheritdoc />
    public override void Gate(float* gate, float* up, int count)
    {
        for (int i = 0; i < count; i++)
        {
            gate[i] = gate[i] / (1 + MathF.Exp(-gate[i])) * up[i];
        }
    }

    /// <inheritdoc />
    public override void Rotate(float* x, float* cos, float* sin, int count)
    {
        for (int i = 0; i < count; i += 2)
        {
            (float even, float odd) = (x[i], x[i + 1]);
            x[i] = (even * cos[i]) + (odd * sin[i]);
            x[i + 1] = (odd * cos[i + 1]) + (even * sin[i + 1]);
        }
    }

    /// <inheritdoc />
    public override void Dots(float* x, float* a, int columns, int rows, float factor, float* y)
    {
        for (int r = 0; r < rows; r++)
        {
            float sum = 0;
            for (int i = 0; i < columns; i++)
            {
                sum += x[i] * a[((long)r * columns) + i];
            }

            y[r] = factor * sum;
        }
    }

    /// <inheritdoc />
    public override void AddProducts(float* t, float* b, long stride, int rows, float* y, int count)
    {
        for (int i = 0; i < count; i++)
        {
            for (int r = 0; r < rows; r++)
            {
                y[i] += t[r] * b[(r * stride) + i];
            }
        }
    }
}
