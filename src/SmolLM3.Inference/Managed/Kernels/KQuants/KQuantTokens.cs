using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Rows as they lie in memory with up to four rows of activations, which share each block that is decoded.
/// </summary>
internal static unsafe class KQuantTokens<TFormat, TBlock>
    where TFormat : struct, IFourBlocks
    where TBlock : struct, IFourTokens<TBlock>
{
    /// <summary>Tokens that share a block.</summary>
    public const int Tokens = 4;

    /// <param name="weights">The first row.</param>
    /// <param name="rows">Number of rows, which follow each other without gaps.</param>
    /// <param name="activations">Rows of <see cref="Q8KScalar.BytesOfRow"/> bytes.</param>
    /// <param name="tokens">1 to <see cref="Tokens"/>.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="output">[tokens, stride].</param>
    /// <param name="stride">Floats from one token's output to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(
        byte* weights, int rows, Q8KBlock* activations, int tokens, int blocks, float* output, int stride)
    {
        Four<Q8KBlock> first = new(activations, Q8KScalar.BytesOfRow(blocks * Q8KBlock.Length), tokens);
        long second = Math.Min(1, tokens - 1) * (long)stride;
        long third = Math.Min(2, tokens - 1) * (long)stride;
        long fourth = Math.Min(3, tokens - 1) * (long)stride;
        byte* last = weights + (((long)rows * blocks) - 1) * TFormat.BlockBytes;
        TBlock next = TBlock.Prepare(weights);
        for (float* end = output + rows; output < end; output++)
        {
            // A block's scales are decoded, and the products before it are added, while its own products are under
            // way: a core looks ahead not much further than one block.
            Vector256<float> sums = default;
            FourProducts products = default;
            for (int block = 0; block < blocks; block++)
            {
                RowPrefetch.PrefetchAhead(weights, TFormat.BlockBytes);
                TBlock current = next;
                next = TBlock.Prepare(weights < last ? weights + TFormat.BlockBytes : last);
                sums += products.ToSingle();
                products = TBlock.Multiply(current, weights, first.Skip(block));
                weights += TFormat.BlockBytes;
            }

            // In the order of BlockFold: 0 0 2 2 1 1 3 3. Fewer tokens write the last one again.
            Vector256<float> results = TFormat.Finish(sums + products.ToSingle());
            *output = results[0];
            output[second] = results[4];
            output[third] = results[2];
            output[fourth] = results[6];
        }
    }
}
