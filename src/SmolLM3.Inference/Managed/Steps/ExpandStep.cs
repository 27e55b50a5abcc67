using SmolLM3.Inference.Managed.Adapters;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>The second half of what adapters add: their B times what <see cref="ShrinkStep"/> left, added to the
/// outputs of the same matrices.</summary>
internal sealed unsafe class ExpandStep(LoraPass pass) : Step
{
    private readonly float*[] _outputs = new float*[3];
    private readonly int[] _widths = new int[3];
    private LoraPlace _place;
    private int _products;
    private LoraShares _shares;

    /// <summary>Of which matrices.</summary>
    /// <param name="place">The first of them.</param>
    public ExpandStep With(LoraPlace place)
    {
        (_place, _products) = (place, 0);
        return this;
    }

    /// <summary>The outputs of the next matrix, shape <c>[rows, width]</c>.</summary>
    public ExpandStep Into(float* output, int width)
    {
        _widths[_products] = width;
        _outputs[_products++] = output;
        return this;
    }

    /// <inheritdoc/>
    public override int Divide(int rows, int workers)
    {
        _shares = LoraShares.Of(pass.Count, workers);
        return _shares.Count;
    }

    /// <inheritdoc/>
    public override void Run(int part, int worker)
    {
        RowRange rows = _shares.RowsOf(part);
        for (int product = 0; product < _products; product++)
        {
            LoraPlace place = _place with { Target = _place.Target + product };
            RowRange columns = _shares.ColumnsOf(part, _widths[product]);
            for (int i = rows.First; i < rows.End; i++)
            {
                float* output = _outputs[product] + ((long)pass.Row(i) * _widths[product]);
                pass.Expand(i, place, product, columns, output);
            }
        }
    }
}
