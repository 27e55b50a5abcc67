using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>Turns weight rows of one format into floats.</summary>
internal abstract unsafe class RowDecoder
{
    public abstract GgufTensorType Type { get; }

    /// <summary>Writes exactly <paramref name="columns"/> values.</summary>
    public abstract void Decode(byte* row, int columns, float* values);

    /// <summary>Whether <see cref="Multiply"/> reads weights without decoding them into memory first.</summary>
    public virtual bool CanMultiply => false;

    /// <summary>The dot product with one row of activations, as <see cref="FloatTile"/> adds it up.</summary>
    /// <param name="row">The weights.</param>
    /// <param name="columns">Their number, a multiple of <see cref="FloatTile.Lanes"/>.</param>
    /// <param name="activations">[columns].</param>
    public virtual float Multiply(byte* row, int columns, float* activations) => throw new NotSupportedException();
}
