using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Quantization;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>Any format, through its reference reader.</summary>
internal sealed unsafe class CodecDecoder(GgufTensorType type) : RowDecoder
{
    public override GgufTensorType Type => type;

    public override void Decode(byte* row, int columns, float* values) => RowCodec.Dequantize(
        type,
        new ReadOnlySpan<byte>(row, checked((int)GgufTensorTypes.RowBytes(type, columns))),
        new Span<float>(values, columns));
}
