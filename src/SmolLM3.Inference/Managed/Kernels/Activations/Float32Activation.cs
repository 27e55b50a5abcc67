using SmolLM3.Inference.Managed.Kernels.Floats;

namespace SmolLM3.Inference.Managed.Kernels.Activations;

/// <summary>Copies the values and fills up with zeros to whole <see cref="FloatTile.Lanes"/>.</summary>
internal sealed unsafe class Float32Activation : ActivationKernel
{
    public override ActivationFormat Format => ActivationFormat.Float32;

    public override long RowBytes(int columns) => BytesOfRow(columns);

    public static long BytesOfRow(int columns) => OddCacheLines((long)columns * sizeof(float));

    public override void Quantize(float* x, int columns, byte* destination)
    {
        new ReadOnlySpan<float>(x, columns).CopyTo(new Span<float>(destination, columns));
        new Span<float>((float*)destination + columns, FloatTile.Padded(columns) - columns).Clear();
    }
}
