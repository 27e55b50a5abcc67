namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>
/// Dot products of a few float rows with a few float rows. The order of additions, on every instruction set: 16 lanes,
/// lane i takes the elements i, i + 16, ... by fused multiply-add; then the upper half of the lanes is added to the lower
/// until one is left.
/// </summary>
internal abstract unsafe class FloatTile
{
    /// <summary>Independent sums; rows are filled up with zeros to a multiple of it.</summary>
    public const int Lanes = 16;

    /// <summary>The kernel set it belongs to.</summary>
    public abstract string SetName { get; }

    /// <summary>Weight rows that are worth decoding before one call.</summary>
    public abstract int Rows { get; }

    /// <summary>The length of a row once filled up.</summary>
    public static int Padded(int columns) => (columns + Lanes - 1) / Lanes * Lanes;

    /// <summary><c>output[token * outputStride + row]</c> for <paramref name="rows"/> rows and every token.</summary>
    /// <param name="weights">[rows, weightStride].</param>
    /// <param name="weightStride">Elements from row to row.</param>
    /// <param name="rows">At most <see cref="Rows"/>.</param>
    /// <param name="activations">[tokens, activationStride].</param>
    /// <param name="activationStride">Elements from token to token.</param>
    /// <param name="tokens">Rows of activations.</param>
    /// <param name="length">Elements of a row, a multiple of <see cref="Lanes"/>.</param>
    /// <param name="output">Where the first row's sum goes.</param>
    /// <param name="outputStride">Elements from one token's output to the next.</param>
    public abstract void Multiply(
        float* weights,
        long weightStride,
        int rows,
        float* activations,
        long activationStride,
        int tokens,
        int length,
        float* output,
        int outputStride);
}
