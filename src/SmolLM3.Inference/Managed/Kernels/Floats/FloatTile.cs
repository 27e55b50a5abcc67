using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SmolLM3.Inference.Managed.Kernels.Floats;

/// <summary>
/// Dot products of float rows with float rows. The order of additions, on every instruction set: 16 lanes, lane i takes
/// the elements i, i + 16, ... by fused multiply-add; then the upper half of the lanes is added to the lower until one
/// is left.
/// </summary>
internal abstract unsafe class FloatTile
{
    /// <summary>Independent sums; rows are filled up with zeros to a multiple of it.</summary>
    public const int Lanes = 16;

    /// <summary>The kernel set it belongs to.</summary>
    public abstract string SetName { get; }

    /// <summary>Rows of a tile.</summary>
    protected abstract int TileRows { get; }

    /// <summary>Tokens of a tile.</summary>
    protected abstract int TileTokens { get; }

    /// <summary>The length of a row once filled up.</summary>
    public static int Padded(int columns) => (columns + Lanes - 1) / Lanes * Lanes;

    /// <summary><c>output[token * outputStride + row]</c> for every row and token.</summary>
    /// <param name="weights">[rows, weightStride].</param>
    /// <param name="weightStride">Elements from row to row.</param>
    /// <param name="rows">Rows of weights.</param>
    /// <param name="activations">[tokens, activationStride], aligned to 64 bytes.</param>
    /// <param name="activationStride">Elements from token to token.</param>
    /// <param name="tokens">Rows of activations.</param>
    /// <param name="length">Elements of a row, a multiple of <see cref="Lanes"/>.</param>
    /// <param name="output">Where the first row's sum goes.</param>
    /// <param name="outputStride">Elements from one token's output to the next.</param>
    public void MultiplyAll(
        float* weights,
        long weightStride,
        int rows,
        float* activations,
        long activationStride,
        int tokens,
        int length,
        float* output,
        long outputStride)
    {
        for (int token = 0; token < tokens; token += TileTokens)
        {
            for (int row = 0; row < rows; row += TileRows)
            {
                Multiply(
                    weights + row * weightStride,
                    weightStride,
                    Math.Min(TileRows, rows - row),
                    activations + token * activationStride,
                    activationStride,
                    Math.Min(TileTokens, tokens - token),
                    length,
                    output + token * outputStride + row,
                    outputStride);
            }
        }
    }

    /// <summary>As <see cref="MultiplyAll"/> for at most one tile.</summary>
    protected abstract void Multiply(
        float* weights,
        long weightStride,
        int rows,
        float* activations,
        long activationStride,
        int tokens,
        int length,
        float* output,
        long outputStride);

    /// <summary>The end of the order: the sum of 16 lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Reduce(Vector512<float> lanes) => Reduce(lanes.GetLower() + lanes.GetUpper());

    /// <summary>The sum of 8 lanes that are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Reduce(Vector256<float> lanes) => Reduce(lanes.GetLower() + lanes.GetUpper());

    /// <summary>The sum of 4 lanes that are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Reduce(Vector128<float> lanes) =>
        (lanes.ToScalar() + lanes.GetElement(2)) + (lanes.GetElement(1) + lanes.GetElement(3));
}
