namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Even shares of a number of rows.</summary>
/// <param name="First">The first row.</param>
/// <param name="End">The row after the last.</param>
internal readonly record struct RowRange(int First, int End)
{
    /// <summary>Weight rows that the kernels take at a time; shares start at multiples of it.</summary>
    public const int Panel = 16;

    /// <summary>With fewer rows than this in a batch, reading weights takes all the time.</summary>
    public const int FewRows = 4;

    /// <summary>Number of rows.</summary>
    public int Count => End - First;

    /// <summary>Share <paramref name="part"/> of <paramref name="parts"/>.</summary>
    public static RowRange Share(int rows, int part, int parts) =>
        new((int)((long)rows * part / parts), (int)((long)rows * (part + 1) / parts));

    /// <summary>The same in whole panels; only the last share may end inside one.</summary>
    public static RowRange PanelShare(int rows, int part, int parts)
    {
        RowRange panels = Share((rows + Panel - 1) / Panel, part, parts);
        return new RowRange(panels.First * Panel, Math.Min(panels.End * Panel, rows));
    }
}
