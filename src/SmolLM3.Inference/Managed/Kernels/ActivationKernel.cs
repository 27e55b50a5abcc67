namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// Brings activations into the form the matrix products read. All kernel sets write the same bytes for the same values.
/// </summary>
internal abstract unsafe class ActivationKernel
{
    /// <summary>The form it writes.</summary>
    public abstract ActivationFormat Format { get; }

    /// <summary>Bytes of one row of <paramref name="columns"/> values; a multiple of 64.</summary>
    public abstract long RowBytes(int columns);

    /// <summary>Writes one row.</summary>
    /// <param name="x">The values, <paramref name="columns"/> of them.</param>
    /// <param name="columns">A multiple of the format's block.</param>
    /// <param name="destination"><see cref="RowBytes"/> bytes, aligned to 64.</param>
    public abstract void Quantize(float* x, int columns, byte* destination);

    /// <summary>
    /// Rounds up to an odd number of cache lines: rows then start in different cache sets, so that a tile of many rows
    /// does not evict itself.
    /// </summary>
    protected static long OddCacheLines(long bytes) => (((bytes + 63) / 64) | 1) * 64;
}
