using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// The element-wise pieces of the forward pass on one instruction set. Every element's result depends on the values
/// alone, never on where in memory or in a row it stands; sums have one order for one length.
/// </summary>
internal abstract unsafe class VectorKernel
{
    /// <summary>Plain loops, the twin the others are tested against.</summary>
    public static VectorKernel Scalar { get; } = new VectorKernelScalar();

    /// <summary>128-bit vectors, on any processor that has them.</summary>
    public static VectorKernel Lanes128 { get; } = new VectorKernelLanes<VectorLanes128>();

    /// <summary>256-bit vectors, for AVX2 with FMA.</summary>
    public static VectorKernel Lanes256 { get; } = new VectorKernelLanes<VectorLanes256>();

    /// <summary>512-bit vectors, for AVX-512.</summary>
    public static VectorKernel Lanes512 { get; } = new VectorKernelLanes<VectorLanes512>();

    /// <summary>The vector kernel of a <see cref="KernelSet"/>.</summary>
    public static VectorKernel Of(KernelSet kernels) => kernels.Name switch
    {
        "avx512" => Lanes512,
        "avx2" => Lanes256,
        "scalar" => Scalar,
        _ => Lanes128,
    };

    /// <summary>Attention over a block of keys and values kept like this, on the same instruction set.</summary>
    public abstract AttentionKernel GetAttention(KvCacheType type);

    /// <summary>Root mean square norm: <c>y = x / sqrt(mean(x²) + epsilon) * weight</c>.</summary>
    public abstract void Normalize(float* x, float* weight, float epsilon, float* y, int count);

    /// <summary><c>x += y</c>.</summary>
    public abstract void Add(float* x, float* y, int count);

    /// <summary><c>gate = silu(gate) * up</c>, with <c>silu(x) = x / (1 + exp(-x))</c>.</summary>
    public abstract void Gate(float* gate, float* up, int count);

    /// <summary><c>y[r] = factor · dot(x, a[r])</c> for the rows of a; the sum has one order, whatever the number of
    /// rows.</summary>
    /// <param name="x">Shape <c>[columns]</c>.</param>
    /// <param name="a">Shape <c>[rows, columns]</c>.</param>
    /// <param name="columns">Numbers of a row.</param>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="factor">What each product is multiplied by.</param>
    /// <param name="y">Shape <c>[rows]</c>.</param>
    public abstract void Dots(float* x, float* a, int columns, int rows, float factor, float* y);

    /// <summary><c>y[i] += t[0] · b[0][i] + t[1] · b[1][i] + …</c>, added from the first on.</summary>
    /// <param name="t">Shape <c>[rows]</c>.</param>
    /// <param name="b">Rows that begin <paramref name="stride"/> numbers apart.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="y">Shape <c>[count]</c>.</param>
    /// <param name="count">Numbers of a row that are used.</param>
    public abstract void AddProducts(float* t, float* b, long stride, int rows, float* y, int count);

    /// <summary>
    /// Turns each pair <c>(x[2i], x[2i+1])</c> by an angle: <c>x[j] = x[j] * cos[j] + x[j ^ 1] * sin[j]</c>. Both
    /// tables have <paramref name="count"/> values, an even number; the sine of an even place carries a minus sign.
    /// </summary>
    public abstract void Rotate(float* x, float* cos, float* sin, int count);
}
