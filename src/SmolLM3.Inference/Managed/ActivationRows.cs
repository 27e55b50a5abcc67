using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed;

/// <summary>Rows that go into matrix products, written once in each form that some matrix reads.</summary>
internal sealed unsafe class ActivationRows
{
    private readonly ActivationKernel[] _kernels;
    private readonly byte*[] _rows;
    private readonly long[] _rowBytes;
    private readonly int _columns;

    /// <summary>Reserves the rows.</summary>
    /// <param name="capacity">Most rows.</param>
    /// <param name="readers">Matrices that read them; all have the same columns.</param>
    /// <param name="kernels">Which kernels write them.</param>
    /// <param name="memory">Where they lie.</param>
    public ActivationRows(int capacity, IEnumerable<WeightMatrix> readers, KernelSet kernels, Arena memory)
    {
        WeightMatrix[] matrices = [.. readers];
        _columns = matrices[0].Columns;
        _kernels = [.. matrices.Select(matrix => matrix.Activations).Distinct().Select(kernels.GetActivation)];
        _rowBytes = [.. _kernels.Select(kernel => kernel.RowBytes(_columns))];
        _rows = new byte*[_kernels.Length];
        for (int i = 0; i < _kernels.Length; i++)
        {
            _rows[i] = memory.Take(capacity * _rowBytes[i]);
        }
    }

    /// <summary>Rows in use.</summary>
    public int Count { get; set; }

    /// <summary>Writes one row in every form.</summary>
    public void Set(int row, float* values)
    {
        for (int i = 0; i < _kernels.Length; i++)
        {
            _kernels[i].Quantize(values, _columns, _rows[i] + (row * _rowBytes[i]));
        }
    }

    /// <summary>The rows in one form.</summary>
    public byte* Get(ActivationFormat format)
    {
        for (int i = 0; i < _kernels.Length; i++)
        {
            if (_kernels[i].Format == format)
            {
                return _rows[i];
            }
        }

        throw new InvalidOperationException($"Nobody asked for rows as {format}.");
    }
}
