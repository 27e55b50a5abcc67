using SmolLM3.Inference.Managed.Kernels.Activations;
using SmolLM3.Inference.Managed.Kernels.Panels;

namespace SmolLM3.Inference.Managed.Kernels.KQuants;

/// <summary>Panels of K-format weights; sums as <see cref="KQuantMatMul"/> says.</summary>
internal abstract unsafe class KQuantPanelMatMul<TFormat, TBlock> : PanelMatMul
    where TFormat : struct, IFourBlocks
    where TBlock : struct, IFourTokens<TBlock>
{
    /// <summary>Tokens whose sums fit the registers.</summary>
    private const int TileTokens = 4;

    public sealed override ActivationFormat Activations => ActivationFormat.Q8_K;

    protected sealed override int BlockLength => Q8KBlock.Length;

    protected sealed override int BlockBytes => TFormat.BlockBytes;

    protected sealed override int DotTokens => KQuantTokens<TFormat, TBlock>.Tokens;

    protected override int LeastPanelTokens => DotTokens + 1;

    protected sealed override long ActivationBytes(int columns) => Q8KScalar.BytesOfRow(columns);

    protected sealed override void Dot(
        byte* weights,
        long rowBytes,
        int rows,
        byte* activations,
        int tokens,
        int columns,
        float* output,
        int outputStride)
    {
        int blocks = columns / Q8KBlock.Length;
        if (tokens == 1)
        {
            KQuantDot<TFormat>.Dot(weights, rows, (Q8KBlock*)activations, blocks, output);
        }
        else
        {
            DotFew(weights, rows, (Q8KBlock*)activations, tokens, blocks, output, outputStride);
        }
    }

    /// <summary>The products of weight rows with 2 to <see cref="DotTokens"/> activation rows.</summary>
    /// <param name="weights">The first row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="activations">The first activation row.</param>
    /// <param name="tokens">Number of activation rows.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="output">[tokens, stride].</param>
    /// <param name="stride">Floats from one token's output to the next.</param>
    protected virtual void DotFew(
        byte* weights, int rows, Q8KBlock* activations, int tokens, int blocks, float* output, int stride) =>
        KQuantTokens<TFormat, TBlock>.Dot(weights, rows, activations, tokens, blocks, output, stride);

    protected sealed override void Accumulate(
        byte* panel, byte* activations, int columns, int block, int blocks, int tokens, float* sums)
    {
        long stride = ActivationBytes(columns);
        activations += (long)block * Q8KBlock.Bytes;
        for (int token = 0; token < tokens; token += TileTokens)
        {
            Accumulate(
                Math.Min(TileTokens, tokens - token),
                panel,
                activations + token * stride,
                stride,
                sums + token * SumsPerToken);
        }
    }

    /// <summary>Adds the products of a panel with one block of 1 to <see cref="TileTokens"/> tokens.</summary>
    protected abstract void Accumulate(int tokens, byte* panel, byte* block, long stride, float* sums);
}
