namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Shares of the rows that use adapters; where they are few, a row's work is shared out too, in slices.</summary>
/// <param name="Rows">Rows that use adapters.</param>
/// <param name="Parts">Shares of the rows.</param>
/// <param name="Slices">Slices of a row's work.</param>
internal readonly record struct LoraShares(int Rows, int Parts, int Slices)
{
    // More than workers, so that who is held up does less.
    private const int PartsPerWorker = 4;

    // One vector of the widest kind: a slice begins where a vector does.
    private const int Panel = 16;

    /// <summary>Number of shares.</summary>
    public int Count => Parts * Slices;

    /// <summary>Shares for so many workers.</summary>
    public static LoraShares Of(int rows, int workers)
    {
        int wanted = workers * PartsPerWorker;
        int parts = Math.Min(rows, wanted);
        return new(rows, parts, (wanted + parts - 1) / parts);
    }

    /// <summary>The rows of a share.</summary>
    public RowRange RowsOf(int share) => RowRange.Share(Rows, share / Slices, Parts);

    /// <summary>The slice of a share.</summary>
    public int SliceOf(int share) => share % Slices;

    /// <summary>The outputs of a share, out of so many.</summary>
    public RowRange ColumnsOf(int share, int width)
    {
        RowRange panels = RowRange.Share((width + Panel - 1) / Panel, SliceOf(share), Slices);
        return new(panels.First * Panel, Math.Min(panels.End * Panel, width));
    }
}
