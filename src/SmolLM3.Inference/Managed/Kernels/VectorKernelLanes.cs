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
