using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>Turns weight rows of one format into floats.</summary>
internal abstract unsafe class RowDecoder
{
    public abstract GgufTensorType Type { get; }

    /// <summary>Writes exactly <paramref name="columns"/> values.</summary>
    public abstract void Decode(byte* row, int columns, float* values);
}
