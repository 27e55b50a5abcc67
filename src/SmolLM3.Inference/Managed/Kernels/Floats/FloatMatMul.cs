using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Kernels.Activations;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>
/// Weights of any format with unchanged activations: some rows are decoded to floats in scratch memory, then multiplied
/// with all tokens, or for one token multiplied at once; sums as <see cref="FloatTile"/> says. For the float formats,
/// and for those that have no dot product of their own.
/// </summary>
internal sealed unsafe class FloatMatMul(RowDecoder decoder, FloatTile tile) : MatMulKernel
{
    /// <summary>Decoded rows should stay in a second-level cache while all tokens pass.</summary>
    private const int DecodedBytes = 128 << 10;

    /// <summary>For few tokens decoded rows should stay in the first-level cache until they are used.</summary>
    private const int FewTokens = 4;

    private const int FewTokensDecodedBytes = 16 << 10;

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
        if (tokens == 1 && length == columns && decoder.CanMultiply)
        {
            for (int row = firstRow; row < endRow; row++)
            {
                output[row] = decoder.Multiply(weights + row * rowBytes, columns, (float*)activations);
            }

            return;
        }

        long activationStride = Float32Activation.BytesOfRow(columns) / sizeof(float);
        bool asIs = decoder.Type == GgufTensorType.F32 && length == columns;
        int budget = tokens < FewTokens ? FewTokensDecodedBytes : DecodedBytes;
        int group = Math.Clamp(budget / (length * sizeof(float)), 1, 16);
        float* decoded = asIs ? null : (float*)KernelScratch.Get((long)group * length * sizeof(float));
        for (int row = firstRow; row < endRow; row += group)
        {
            int rows = Math.Min(group, endRow - row);
            byte* source = weights + row * rowBytes;
            for (int i = 0; i < rows && !asIs; i++)
            {
                float* values = decoded + (long)i * length;
                decoder.Decode(source + i * rowBytes, columns, values);
                new Span<float>(values + columns, length - columns).Clear();
            }

            tile.MultiplyAll(
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
