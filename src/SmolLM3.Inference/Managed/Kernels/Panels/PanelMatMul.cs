namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>
/// Two ways to the same sums. A few tokens: every weight row as it lies in memory, which reads it at the speed of
/// memory. Many tokens: a panel of rows, one or a few blocks wide, is decoded so that each vector lane is a row, and
/// multiplied with all tokens of a pass; lanes need no adding up, and decoding is paid once for the pass.
/// </summary>
internal abstract unsafe class PanelMatMul : MatMulKernel
{
    /// <summary>
    /// Tokens whose running sums are kept while a panel's blocks pass. With more the sums leave the first-level cache,
    /// with fewer decoding costs more: at 64 it is a few percent.
    /// </summary>
    private const int PassTokens = 64;

    /// <summary>Weights in a block.</summary>
    protected abstract int BlockLength { get; }

    /// <summary>Bytes of a block of weights as stored.</summary>
    protected abstract int BlockBytes { get; }

    /// <summary>Most blocks of a row that a panel holds.</summary>
    protected virtual int PanelBlocks => 1;

    /// <summary>Rows of a panel.</summary>
    protected abstract int PanelRows { get; }

    /// <summary>Bytes of a decoded panel, a multiple of a vector.</summary>
    protected abstract int PanelBytes { get; }

    /// <summary>Floats kept for one token while a panel is worked on.</summary>
    protected abstract int SumsPerToken { get; }

    /// <summary>Most tokens that go together through <see cref="Dot"/>.</summary>
    protected abstract int DotTokens { get; }

    /// <summary>Rows that go together through <see cref="Dot"/> when there are more tokens than that takes; they should
    /// stay in a near cache until all have passed.</summary>
    protected virtual int DotRows => 4;

    /// <summary>From so many tokens on panels are faster than rows.</summary>
    protected abstract int LeastPanelTokens { get; }

    public sealed override void Multiply(
        byte* weights,
        int columns,
        int firstRow,
        int endRow,
        byte* activations,
        int tokens,
        float* output,
        int outputStride)
    {
        // The last panel reaches back over rows that are done; the matrix must have so many.
        if (tokens < LeastPanelTokens || endRow < PanelRows)
        {
            MultiplyRows(weights, columns, firstRow, endRow, activations, tokens, output, outputStride);
            return;
        }

        long activationBytes = ActivationBytes(columns);
        for (int token = 0; token < tokens; token += PassTokens)
        {
            MultiplyPass(
                weights,
                columns,
                firstRow,
                endRow,
                activations + token * activationBytes,
                Math.Min(PassTokens, tokens - token),
                output + (long)token * outputStride,
                outputStride);
        }
    }

    /// <summary>Bytes of an activation row.</summary>
    protected abstract long ActivationBytes(int columns);

    /// <summary>The products of weight rows with a few activation rows.</summary>
    /// <param name="weights">The first row.</param>
    /// <param name="rowBytes">Bytes from row to row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="activations">The first activation row.</param>
    /// <param name="tokens">1 to <see cref="DotTokens"/>.</param>
    /// <param name="columns">Width of the rows.</param>
    /// <param name="output">[tokens, stride].</param>
    /// <param name="outputStride">Floats from one token's output to the next.</param>
    protected abstract void Dot(
        byte* weights,
        long rowBytes,
        int rows,
        byte* activations,
        int tokens,
        int columns,
        float* output,
        int outputStride);

    /// <summary>Decodes a few blocks of <see cref="PanelRows"/> rows.</summary>
    /// <param name="weights">The first row's blocks.</param>
    /// <param name="rowBytes">Bytes from row to row.</param>
    /// <param name="blocks">1 to <see cref="PanelBlocks"/>.</param>
    /// <param name="panel">Destination, aligned to 64.</param>
    protected abstract void Decode(byte* weights, long rowBytes, int blocks, byte* panel);

    /// <summary>Adds the products of a decoded panel to the sums of every token.</summary>
    /// <param name="panel">What <see cref="Decode"/> wrote.</param>
    /// <param name="activations">The first token's row.</param>
    /// <param name="columns">Width of the row.</param>
    /// <param name="block">The first block of the row that the panel holds.</param>
    /// <param name="blocks">How many it holds.</param>
    /// <param name="tokens">Number of tokens.</param>
    /// <param name="sums">[tokens, SumsPerToken], aligned to a vector.</param>
    protected abstract void Accumulate(
        byte* panel, byte* activations, int columns, int block, int blocks, int tokens, float* sums);

    /// <summary>Turns a token's sums into the results of the panel's rows.</summary>
    /// <param name="sums">[SumsPerToken].</param>
    /// <param name="results">[PanelRows].</param>
    protected abstract void Finish(float* sums, float* results);

    private void MultiplyRows(
        byte* weights,
        int columns,
        int firstRow,
        int endRow,
        byte* activations,
        int tokens,
        float* output,
        int outputStride)
    {
        long rowBytes = (long)columns / BlockLength * BlockBytes;
        long activationBytes = ActivationBytes(columns);
        int atOnce = tokens <= DotTokens ? endRow - firstRow : DotRows;
        for (int row = firstRow; row < endRow; row += atOnce)
        {
            for (int token = 0; token < tokens; token += DotTokens)
            {
                Dot(
                    weights + row * rowBytes,
                    rowBytes,
                    Math.Min(atOnce, endRow - row),
                    activations + token * activationBytes,
                    Math.Min(DotTokens, tokens - token),
                    columns,
                    output + (long)token * outputStride + row,
                    outputStride);
            }
        }
    }

    private void MultiplyPass(
        byte* weights,
        int columns,
        int firstRow,
        int endRow,
        byte* activations,
        int tokens,
        float* output,
        int outputStride)
    {
        int blocks = columns / BlockLength;
        long rowBytes = (long)blocks * BlockBytes;
        byte* panel = KernelScratch.Get(PanelBytes + (PassTokens * SumsPerToken + PanelRows) * sizeof(float));
        var sums = (float*)(panel + PanelBytes);
        float* results = sums + PassTokens * SumsPerToken;
        for (int next = firstRow; next < endRow; next += PanelRows)
        {
            int row = Math.Min(next, endRow - PanelRows);
            byte* first = weights + row * rowBytes;
            new Span<float>(sums, tokens * SumsPerToken).Clear();
            for (int block = 0; block < blocks; block += PanelBlocks)
            {
                int count = Math.Min(PanelBlocks, blocks - block);
                // A panel hops from row to row, which no hardware prefetcher follows; ask for the next one in order.
                RowPrefetch.PrefetchRows(first + PanelRows * (rowBytes + block * BlockBytes), PanelRows * count * BlockBytes);
                Decode(first + block * BlockBytes, rowBytes, count, panel);
                Accumulate(panel, activations, columns, block, count, tokens, sums);
            }

            for (int token = 0; token < tokens; token++)
            {
                Finish(sums + token * SumsPerToken, results);
                new ReadOnlySpan<float>(results + next - row, row + PanelRows - next)
                    .CopyTo(new Span<float>(output + (long)token * outputStride + next, row + PanelRows - next));
            }
        }
    }
}
