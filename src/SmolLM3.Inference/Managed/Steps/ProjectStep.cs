namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Multiplies rows with one matrix, or with several that read the same rows.</summary>
internal sealed unsafe class ProjectStep : Step
{
    // At every new place in memory the prefetchers start anew. Measured with few rows: parts of 1 MiB decode 12 %
    // faster than parts of 64 KiB.
    private const long LeastPartBytes = 1 << 20;

    private readonly WeightMatrix?[] _matrices = new WeightMatrix?[3];
    private readonly float*[] _outputs = new float*[3];
    private ActivationRows? _inputs;
    private int _parts;

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
    public override int Divide(int rows, int wanted)
    {
        long bytes = 0;
        for (int i = 0; i < _matrices.Length && _matrices[i] is { } matrix; i++)
        {
            bytes += matrix.Bytes;
        }

        int panels = (_matrices[0]!.Rows + RowRange.Panel - 1) / RowRange.Panel;
        long most = rows < RowRange.FewRows ? bytes / LeastPartBytes : wanted;
        return _parts = (int)Math.Clamp(most, 1, Math.Min(wanted, panels));
    }

    /// <inheritdoc/>
    public override void Run(int part, int worker)
    {
        for (int i = 0; i < _matrices.Length && _matrices[i] is { } matrix; i++)
        {
            RowRange share = RowRange.PanelShare(matrix.Rows, part, _parts);
            if (share.Count > 0)
            {
                matrix.Multiply(_inputs!, share.First, share.End, _outputs[i], matrix.Rows);
            }
        }
    }
}
