using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>
/// Weights of any format with unchanged activations: a few rows are decoded to floats in scratch memory, then multiplied
/// with all tokens. For the float formats, and for those that have no dot product of their own.
/// </summary>
internal sealed unsafe class FloatMatMul(RowDecoder decoder, FloatTile tile) : MatMulKernel
{
    public override string Name { get; } = $"{decoder.Type}/{tile.SetName}".ToLowerInvariant();

    public override GgufTensorType WeightType => decoder.Type;

    public override ActivationFormat Activations => ActivationFormat.Float32;

    public override void Multiply(
        byte* weights,
        int columns,
        int firstRow,
        int endRow,
        byte* activations,
        int tokens,
        float* output,
        int outputStride)
    {
        int length = FloatTile.Padded(columns);
        long rowBytes = GgufTensorTypes.RowBytes(decoder.Type, columns);
        long activationStride = Float32Activation.BytesOfRow(columns) / sizeof(float);
        bool asIs = decoder.Type == GgufTensorType.F32 && length == columns;
        float* decoded = asIs ? null : (float*)KernelScratch.Get((long)tile.Rows * length * sizeof(float));
        for (int row = firstRow; row < endRow; row += tile.Rows)
        {
            int rows = Math.Min(tile.Rows, endRow - row);
            byte* source = weights + row * rowBytes;
            for (int i = 0; i < rows && !asIs; i++)
            {
                float* values = decoded + (long)i * length;
                decoder.Decode(source + i * rowBytes, columns, values);
                new Span<float>(values + columns, length - columns).Clear();
            }

            tile.Multiply(
                asIs ? (float*)source : decoded,
                length,
                rows,
                (float*)activations,
                activationStride,
                tokens,
                length,
                output + row,
                outputStride);
        }
    }
}
