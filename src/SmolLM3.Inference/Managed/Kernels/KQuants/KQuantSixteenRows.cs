using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>
/// Sixteen rows as they lie in memory with up to four rows of activations: a lane is a row, as in a panel, but a block
/// goes from its bytes through the registers, and nothing is written before the sums.
/// </summary>
internal static unsafe class KQuantSixteenRows<TFormat>
    where TFormat : struct, ISixteenRows
{
    public const int Rows = 16;

    /// <summary>Tokens that share a block.</summary>
    public const int Tokens = 4;

    /// <summary>With more tokens, decoding into a panel costs less than decoding again for every four. Measured in a
    /// model: for 8 tokens panels take a quarter longer, for 32 a tenth less.</summary>
    public const int MostTokens = 16;

    private const int Alignment = 64;

    /// <param name="weights">The first row.</param>
    /// <param name="rows">16 or more, which follow each other without gaps.</param>
    /// <param name="activations">Rows of <see cref="Q8KScalar.BytesOfRow"/> bytes.</param>
    /// <param name="tokens">2 to <see cref="Tokens"/>.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="output">[tokens, stride].</param>
    /// <param name="stride">Floats from one token's output to the next.</param>
    public static void Dot(
        byte* weights, int rows, Q8KBlock* activations, int tokens, int blocks, float* output, int stride)
    {
        switch (tokens)
        {
            case 2:
                Dot<TwoTokens>(weights, rows, activations, blocks, output, stride);
                break;
            case 3:
                Dot<ThreeTokens>(weights, rows, activations, blocks, output, stride);
                break;
            default:
                Dot<FourTokens>(weights, rows, activations, blocks, output, stride);
                break;
        }
    }

    [SkipLocalsInit]
    private static void Dot<TCount>(
        byte* weights, int rows, Q8KBlock* activations, int blocks, float* output, int stride)
        where TCount : struct, ITokenCount
    {
        byte* memory = stackalloc byte[(Tokens * TFormat.SumsPerToken * sizeof(float)) + Alignment];
        float* sums = (float*)(memory + (-(nint)memory & (Alignment - 1)));
        Four<Q8KBlock> first = new(activations, Q8KScalar.BytesOfRow(blocks * Q8KBlock.Length), TCount.Value);
        long rowBytes = (long)blocks * TFormat.BlockBytes;
        for (int next = 0; next < rows; next += Rows)
        {
            // The last sixteen reach back over rows that are done.
            int row = Math.Min(next, rows - Rows);
            byte* block = weights + (row * rowBytes);
            byte* ahead = block + (Rows * rowBytes);
            new Span<float>(sums, TCount.Value * TFormat.SumsPerToken).Clear();
            for (int i = 0; i < blocks; i++, block += TFormat.BlockBytes, ahead += Rows * TFormat.BlockBytes)
            {
                // Sixteen streams are more than hardware prefetchers follow; ask for the next rows in their order.
                RowPrefetch.PrefetchRows(ahead, Rows * TFormat.BlockBytes);
                TFormat.Add<TCount>(block, rowBytes, first.Skip(i), sums);
            }

            for (int token = 0; token < TCount.Value; token++)
            {
                TFormat.Finish(sums + (token * TFormat.SumsPerToken)).Store(output + ((long)token * stride) + row);
            }
        }
    }
}
