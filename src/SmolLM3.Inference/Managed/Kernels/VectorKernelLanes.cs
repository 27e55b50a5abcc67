using System.Runtime.CompilerServices;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>The element-wise pieces on vectors of any width. What is left of a row after its last whole vector goes
/// through the same operations in a vector filled up with zeros.</summary>
internal sealed unsafe class VectorKernelLanes<TLanes> : VectorKernel
    where TLanes : struct, IVectorLanes<TLanes>
{
    private static int Count => TLanes.Count;

    /// <inheritdoc />
    public override AttentionKernel GetAttention(KvCacheType type) => type == KvCacheType.Q8_0
        ? new AttentionKernelLanes<TLanes, ByteNumbers>()
        : new AttentionKernelLanes<TLanes, HalfNumbers>();

    /// <inheritdoc />
    public override void Normalize(float* x, float* weight, float epsilon, float* y, int count)
    {
        TLanes scale = TLanes.Create(1 / MathF.Sqrt((SumOfSquares(x, count) / count) + epsilon));
        int i = 0;
        for (; i + Count <= count; i += Count)
        {
            TLanes.Store(TLanes.Load(x + i) * scale * TLanes.Load(weight + i), y + i);
        }

        if (i < count)
        {
            StorePart(LoadPart(x + i, count - i) * scale * LoadPart(weight + i, count - i), y + i, count - i);
        }
    }

    /// <inheritdoc />
    public override void Add(float* x, float* y, int count)
    {
        int i = 0;
        for (; i + Count <= count; i += Count)
        {
            TLanes.Store(TLanes.Load(x + i) + TLanes.Load(y + i), x + i);
        }

        if (i < count)
        {
            StorePart(LoadPart(x + i, count - i) + LoadPart(y + i, count - i), x + i, count - i);
        }
    }

    /// <inheritdoc />
    public override void Gate(float* gate, float* up, int count)
    {
        int i = 0;
        for (; i + Count <= count; i += Count)
        {
            TLanes.Store(Silu(TLanes.Load(gate + i)) * TLanes.Load(up + i), gate + i);
        }

        if (i < count)
        {
            StorePart(Silu(LoadPart(gate + i, count - i)) * LoadPart(up + i, count - i), gate + i, count - i);
        }
    }

    /// <inheritdoc />
    public override void Rotate(float* x, float* cos, float* sin, int count)
    {
        int i = 0;
        for (; i + Count <= count; i += Count)
        {
            TLanes.Store(Turn(TLanes.Load(x + i), TLanes.Load(cos + i), TLanes.Load(sin + i)), x + i);
        }

        if (i < count)
        {
            int rest = count - i;
            StorePart(Turn(LoadPart(x + i, rest), LoadPart(cos + i, rest), LoadPart(sin + i, rest)), x + i, rest);
        }
    }

    /// <inheritdoc />
    public override void Dots(float* x, float* a, int columns, int rows, float factor, float* y)
    {
        // Four rows share every vector of x; where fewer are left, the last of them is computed again.
        float* sums = stackalloc float[4];
        for (int r = 0; r < rows; r += 4)
        {
            int left = Math.Min(4, rows - r);
            float* first = a + ((long)r * columns);
            FourDots(
                x,
                first,
                first + ((long)Math.Min(1, left - 1) * columns),
                first + ((long)Math.Min(2, left - 1) * columns),
                first + ((long)(left - 1) * columns),
                columns,
                sums);
            for (int i = 0; i < left; i++)
            {
                y[r + i] = factor * sums[i];
            }
        }
    }

    /// <inheritdoc />
    public override void AddProducts(float* t, float* b, long stride, int rows, float* y, int count)
    {
        int i = 0;
        for (; i + (4 * Count) <= count; i += 4 * Count)
        {
            AddFour(t, b + i, stride, rows, y + i);
        }

        for (; i < count; i += Count)
        {
            int part = Math.Min(Count, count - i);
            TLanes sum = LoadPart(y + i, part);
            for (int r = 0; r < rows; r++)
            {
                sum = TLanes.MultiplyAdd(TLanes.Create(t[r]), LoadPart(b + (r * stride) + i, part), sum);
            }

            StorePart(sum, y + i, part);
        }
    }

    private static void AddFour(float* t, float* b, long stride, int rows, float* y)
    {
        TLanes s0 = TLanes.Load(y), s1 = TLanes.Load(y + Count);
        TLanes s2 = TLanes.Load(y + (2 * Count)), s3 = TLanes.Load(y + (3 * Count));
        for (int r = 0; r < rows; r++, b += stride)
        {
            TLanes factor = TLanes.Create(t[r]);
            s0 = TLanes.MultiplyAdd(factor, TLanes.Load(b), s0);
            s1 = TLanes.MultiplyAdd(factor, TLanes.Load(b + Count), s1);
            s2 = TLanes.MultiplyAdd(factor, TLanes.Load(b + (2 * Count)), s2);
            s3 = TLanes.MultiplyAdd(factor, TLanes.Load(b + (3 * Count)), s3);
        }

        TLanes.Store(s0, y);
        TLanes.Store(s1, y + Count);
        TLanes.Store(s2, y + (2 * Count));
        TLanes.Store(s3, y + (3 * Count));
    }

    // Two sums a row, as one would wait for itself at every step.
    private static void FourDots(float* x, float* a, float* b, float* c, float* d, int count, float* sums)
    {
        TLanes zero = TLanes.Create(0);
        TLanes a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero;
        int i = 0;
        for (; i + (2 * Count) <= count; i += 2 * Count)
        {
            TLanes x0 = TLanes.Load(x + i), x1 = TLanes.Load(x + i + Count);
            a0 = TLanes.MultiplyAdd(x0, TLanes.Load(a + i), a0);
            a1 = TLanes.MultiplyAdd(x1, TLanes.Load(a + i + Count), a1);
            b0 = TLanes.MultiplyAdd(x0, TLanes.Load(b + i), b0);
            b1 = TLanes.MultiplyAdd(x1, TLanes.Load(b + i + Count), b1);
            c0 = TLanes.MultiplyAdd(x0, TLanes.Load(c + i), c0);
            c1 = TLanes.MultiplyAdd(x1, TLanes.Load(c + i + Count), c1);
            d0 = TLanes.MultiplyAdd(x0, TLanes.Load(d + i), d0);
            d1 = TLanes.MultiplyAdd(x1, TLanes.Load(d + i + Count), d1);
        }

        for (; i < count; i += Count)
        {
            int part = Math.Min(Count, count - i);
            TLanes rest = LoadPart(x + i, part);
            a0 = TLanes.MultiplyAdd(rest, LoadPart(a + i, part), a0);
            b0 = TLanes.MultiplyAdd(rest, LoadPart(b + i, part), b0);
            c0 = TLanes.MultiplyAdd(rest, LoadPart(c + i, part), c0);
            d0 = TLanes.MultiplyAdd(rest, LoadPart(d + i, part), d0);
        }

        sums[0] = TLanes.Sum(a0 + a1);
        sums[1] = TLanes.Sum(b0 + b1);
        sums[2] = TLanes.Sum(c0 + c1);
        sums[3] = TLanes.Sum(d0 + d1);
    }

    private static float SumOfSquares(float* x, int count)
    {
        // Four sums at a time, as one would wait for itself at every step.
        TLanes a = TLanes.Create(0), b = a, c = a, d = a;
        int i = 0;
        for (; i + (4 * Count) <= count; i += 4 * Count)
        {
            a = Square(TLanes.Load(x + i), a);
            b = Square(TLanes.Load(x + i + Count), b);
            c = Square(TLanes.Load(x + i + (2 * Count)), c);
            d = Square(TLanes.Load(x + i + (3 * Count)), d);
        }

        for (; i < count; i += Count)
        {
            a = Square(LoadPart(x + i, Math.Min(Count, count - i)), a);
        }

        return TLanes.Sum(a + b + (c + d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Square(TLanes x, TLanes sum) => TLanes.MultiplyAdd(x, x, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Turn(TLanes x, TLanes cos, TLanes sin) =>
        TLanes.MultiplyAdd(x, cos, TLanes.SwapPairs(x) * sin);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Silu(TLanes x) =>
        x / (TLanes.Create(1) + VectorMath<TLanes>.Exp(TLanes.Create(0) - x));

    private static TLanes LoadPart(float* source, int count)
    {
        float* whole = stackalloc float[16];
        new Span<float>(whole, 16).Clear();
        new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(whole, 16));
        return TLanes.Load(whole);
    }

    private static void StorePart(TLanes value, float* destination, int count)
    {
        float* whole = stackalloc float[16];
        TLanes.Store(value, whole);
        new ReadOnlySpan<float>(whole, count).CopyTo(new Span<float>(destination, count));
    }
}
