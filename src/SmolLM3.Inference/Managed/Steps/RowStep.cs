namespace SmolLM3.Inference.Managed.Steps;

/// <summary>A step that takes each row for itself.</summary>
internal abstract class RowStep : Step
{
    // More parts than workers, so that a worker whose core is taken away for a while does less.
    private const int PartsPerWorker = 4;

    private int _rows;
    private int _parts;

    /// <inheritdoc/>
    public override int Divide(int rows, int workers)
    {
        _rows = rows;
        return _parts = Math.Min(rows, workers * PartsPerWorker);
    }

    /// <inheritdoc/>
    public sealed override void Run(int part, int worker)
    {
        RowRange range = RowRange.Share(_rows, part, _parts);
        for (int row = range.First; row < range.End; row++)
        {
            RunRow(row, worker);
        }
    }

    /// <summary>Does one row.</summary>
    protected abstract void RunRow(int row, int worker);
}
