namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Brings rows of floats into the form the next matrix reads.</summary>
internal sealed unsafe class QuantizeStep : RowStep
{
    private float* _source;
    private int _columns;
    private ActivationRows? _destination;

    /// <summary>Which rows, shape <c>[rows, columns]</c>.</summary>
    public QuantizeStep With(float* source, int columns, ActivationRows destination)
    {
        _source = source;
        (_columns, _destination) = (columns, destination);
        return this;
    }

    /// <inheritdoc/>
    protected override void RunRow(int row, int worker) =>
        _destination!.Set(row, _source + ((long)row * _columns));
}
