using SmolLM3.Inference.Managed.Adapters;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>The first half of what adapters add: inputs times their A, for matrices that read the same rows.</summary>
internal sealed unsafe class ShrinkStep(LoraPass pass) : Step
{
    private LoraPlace _place;
    private int _products;
    private float* _input;
    private int _columns;
    private LoraShares _shares;

    /// <summary>Of which matrices.</summary>
    /// <param name="place">The first of them.</param>
    /// <param name="products">How many.</param>
    /// <param name="input">Their inputs, shape <c>[rows, columns]</c>.</param>
    /// <param name="columns">Numbers of an input.</param>
    public ShrinkStep With(LoraPlace place, int products, float* input, int columns)
    {
        (_place, _products, _columns) = (place, products, columns);
        _input = input;
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
        for (int i = rows.First; i < rows.End; i++)
        {
            float* input = _input + ((long)pass.Row(i) * _columns);
            pass.Shrink(i, _place, _products, input, _shares.SliceOf(part), _shares.Slices);
        }
    }
}
