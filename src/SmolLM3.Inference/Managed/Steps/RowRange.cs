namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Even shares of a number of rows.</summary>
/// <param name="First">The first row.</param>
/// <param name="End">The row after the last.</param>
internal readonly record struct RowRange(int First, int End)
{
    /// <summary>Up to so many rows of a batch share what is read, and reading takes most of the time.</summary>
    public const int FewRows = 4;

    /// <summary>Number of rows.</summary>
    public int Count => End - First;

    /// <summary>Share <paramref name="part"/> of <paramref name="parts"/>.</summary>
    public static RowRange Share(int rows, int part, int parts) =>
        new((int)((long)rows * part / parts), (int)((long)rows * (part + 1) / parts));

    /// <summary>Those of the panels that belong to a matrix of so many rows, as rows of it.</summary>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="firstPanel">Where the matrix begins among the panels.</param>
    public RowRange RowsOf(int rows, int firstPanel) => new(
        Math.Clamp((First - firstPanel) * HalvingShares.Panel, 0, rows),
        Math.Clamp((End - firstPanel) * HalvingShares.Panel, 0, rows));
}
