namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Multiplies rows with one matrix, or with several that read the same rows.</summary>
internal sealed unsafe class ProjectStep : Step
{
    private readonly WeightMatrix?[] _matrices = new WeightMatrix?[3];
    private readonly float*[] _outputs = new float*[3];
    private ActivationRows? _inputs;
    private HalvingShares _shares;

    /// <summary>One matrix; output of shape <c>[rows, matrix rows]</c>.</summary>
    public ProjectStep With(ActivationRows inputs, WeightMatrix matrix, float* output) =>
        With(inputs, matrix, output, null, null, null, null);

    /// <summary>Three matrices over the same rows.</summary>
    public ProjectStep With(
        ActivationRows inputs,
        WeightMatrix first,
        float* firstOutput,
        WeightMatrix? second,
        float* secondOutput,
        WeightMatrix? third,
        float* thirdOutput)
    {
        _inputs = inputs;
        (_matrices[0], _matrices[1], _matrices[2]) = (first, second, third);
        _outputs[0] = firstOutput;
        _outputs[1] = secondOutput;
        _outputs[2] = thirdOutput;
        return this;
    }

    /// <inheritdoc/>
    public override int Divide(int rows, int workers)
    {
        long bytes = 0;
        int panels = 0;
        for (int i = 0; i < _matrices.Length && _matrices[i] is { } matrix; i++)
        {
            bytes += matrix.Bytes;
            panels += HalvingShares.PanelsOf(matrix.Rows);
        }

        _shares = HalvingShares.Of(panels, bytes, rows, workers);
        return _shares.Count;
    }

    /// <inheritdoc/>
    public override void Run(int part, int worker)
    {
        RowRange share = _shares.Get(part);
        int panel = 0;
        for (int i = 0; i < _matrices.Length && _matrices[i] is { } matrix; i++)
        {
            RowRange rows = share.RowsOf(matrix.Rows, panel);
            if (rows.Count > 0)
            {
                matrix.Multiply(_inputs!, rows.First, rows.End, _outputs[i], matrix.Rows);
            }

            panel += HalvingShares.PanelsOf(matrix.Rows);
        }
    }
}
