using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Managed.Steps;

namespace SmolLM3.Inference.Managed.Adapters;

/// <summary>
/// What adapters add in a forward pass, row by row: <c>y += B t</c> with <c>t = scale · factor · A x</c>. Every number
/// of t has one order of summation and every number of y another, which nobody else in the batch changes.
/// </summary>
/// <param name="adapters">Who uses what.</param>
/// <param name="vector">What computes.</param>
/// <param name="width">Numbers of a hidden row.</param>
/// <param name="maxRows">Most rows of a batch.</param>
internal sealed unsafe class LoraPass(LoraAdapters adapters, VectorKernel vector, int width, int maxRows) : IDisposable
{
    /// <summary>Rows of A that go through a product together.</summary>
    public const int Group = 4;

    // Query, key and value are products of one input.
    private const int MostProducts = 3;

    private readonly int[] _rows = new int[maxRows];
    private readonly LoraUse[]?[] _uses = new LoraUse[]?[maxRows];
    private AlignedMemory? _normed;
    private AlignedMemory? _inner;
    private int _rank;

    /// <summary>Rows of the batch that use adapters.</summary>
    public int Count { get; private set; }

    /// <summary>Whether any row does.</summary>
    public bool IsUsed => Count > 0;

    /// <summary>Where normed hidden rows are kept as floats, <c>[rows, width]</c>; null where nobody asks.</summary>
    public float* Normed => IsUsed ? (float*)_normed!.Pointer : null;

    /// <summary>Finds the rows of a batch that use adapters.</summary>
    /// <exception cref="InsufficientMemoryException">There is no memory for what they compute.</exception>
    public void Begin(Batch batch)
    {
        Count = 0;
        if (!adapters.Any)
        {
            return;
        }

        for (int row = 0; row < batch.Count; row++)
        {
            if (adapters.UsesOf(batch.Rows[row].Sequence) is { } uses)
            {
                (_rows[Count], _uses[Count]) = (row, uses);
                Count++;
            }
        }

        Reserve();
    }

    /// <summary>The row of the batch that is <paramref name="index"/>-th among those that use adapters.</summary>
    public int Row(int index) => _rows[index];

    /// <summary>Computes t of one row for a run of matrices that read the same input; the groups of rows of A are dealt
    /// out to slices in turn.</summary>
    /// <param name="index">Which row, among those that use adapters.</param>
    /// <param name="place">The layer and the first of the matrices.</param>
    /// <param name="products">How many matrices.</param>
    /// <param name="input">The row's input.</param>
    /// <param name="slice">Which slice.</param>
    /// <param name="slices">Number of slices.</param>
    public void Shrink(int index, LoraPlace place, int products, float* input, int slice, int slices)
    {
        int group = 0;
        foreach (ref readonly LoraUse use in _uses[index].AsSpan())
        {
            for (int product = 0; product < products; product++)
            {
                if (use.Adapter.Get(place.Layer, place.Target + product) is not { } pair)
                {
                    continue;
                }

                float* inner = Inner(index, product) + use.Offset;
                float factor = use.Scale * pair.Factor;
                for (int r = 0; r < pair.Rank; r += Group)
                {
                    if (group++ % slices == slice)
                    {
                        int rows = Math.Min(Group, pair.Rank - r);
                        float* a = pair.A + ((long)r * pair.Inputs);
                        vector.Dots(input, a, pair.Inputs, rows, factor, inner + r);
                    }
                }
            }
        }
    }

    /// <summary>Adds B t of one row to some of the outputs of a matrix.</summary>
    /// <param name="index">Which row, among those that use adapters.</param>
    /// <param name="place">The layer and the matrix.</param>
    /// <param name="product">Its number among the matrices of <see cref="Shrink"/>.</param>
    /// <param name="columns">Which outputs.</param>
    /// <param name="output">The row's first output.</param>
    public void Expand(int index, LoraPlace place, int product, RowRange columns, float* output)
    {
        foreach (ref readonly LoraUse use in _uses[index].AsSpan())
        {
            if (use.Adapter.Get(place.Layer, place.Target) is { } pair)
            {
                float* inner = Inner(index, product) + use.Offset;
                vector.AddProducts(
                    inner, pair.B + columns.First, pair.Outputs, pair.Rank, output + columns.First, columns.Count);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _normed?.Dispose();
        _inner?.Dispose();
    }

    // t: [rows that use adapters, products, rank]
    private float* Inner(int index, int product) =>
        (float*)_inner!.Pointer + (((long)index * MostProducts) + product) * _rank;

    private void Reserve()
    {
        if (Count > 0 && _rank < adapters.MostRank)
        {
            _normed ??= new AlignedMemory((long)maxRows * width * sizeof(float), "the inputs of adapters");
            _inner?.Dispose();
            _inner = null;
            long numbers = (long)maxRows * MostProducts * adapters.MostRank;
            _inner = new AlignedMemory(numbers * sizeof(float), "the inner numbers of adapters");
            _rank = adapters.MostRank;
        }
    }
}
