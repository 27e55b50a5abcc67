using System.Numerics;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>
/// Shares of the rows of a matrix for workers that may be held up: each round hands every worker a share, and takes
/// half of what is left. So workers read long runs of memory first, and what they wait for at the end is short.
/// </summary>
/// <param name="Panels">What is shared out, in panels of <see cref="Panel"/> rows.</param>
/// <param name="Workers">Shares a round.</param>
/// <param name="Rounds">Rounds; the last takes all that is left.</param>
internal readonly record struct HalvingShares(int Panels, int Workers, int Rounds)
{
    /// <summary>Shares start at multiples of so many rows, which most kernels decode at a time for a prompt.</summary>
    public const int Panel = 16;

    // Every share begins its stream of memory anew. Measured with one row: 32 KiB is as fast, 512 KiB 3 % slower.
    private const long LeastBytes = 128 << 10;
    private const int MostRounds = 6;

    // A prompt's share should still be several panels.
    private const int PromptRounds = 4;

    /// <summary>Number of shares.</summary>
    public int Count => Workers * Rounds;

    /// <summary>Panels of so many rows.</summary>
    public static int PanelsOf(int rows) => (rows + Panel - 1) / Panel;

    /// <summary>The shares of one step.</summary>
    /// <param name="panels">Panels of all its matrices.</param>
    /// <param name="bytes">Bytes of all its weights.</param>
    /// <param name="batchRows">Rows of the batch.</param>
    /// <param name="workers">Workers that share them.</param>
    public static HalvingShares Of(int panels, long bytes, int batchRows, int workers)
    {
        int most = batchRows <= RowRange.FewRows
            ? BitOperations.Log2((ulong)Math.Max(bytes / (workers * LeastBytes), 1)) + 1
            : PromptRounds;
        return new(panels, workers, Math.Min(most, MostRounds));
    }

    /// <summary>The panels of one share.</summary>
    public RowRange Get(int share)
    {
        int round = share / Workers;
        int first = Panels - (Panels >> round);
        int end = round == Rounds - 1 ? Panels : Panels - (Panels >> (round + 1));
        RowRange part = RowRange.Share(end - first, share % Workers, Workers);
        return new RowRange(first + part.First, first + part.End);
    }
}
