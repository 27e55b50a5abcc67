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

    protected sealed override int LeastPanelTokens => DotTokens + 1;

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
            KQuantTokens<TFormat, TBlock>.Dot(
                weights, rows, (Q8KBlock*)activations, tokens, blocks, output, outputStride);
        }
    }

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
