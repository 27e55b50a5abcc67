using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>The first half of the feed-forward network: <c>silu(gate(x)) * up(x)</c>.</summary>
/// <remarks>A share is computed in tiles so small that both sides are still in the core's cache when they meet.
/// </remarks>
internal sealed unsafe class GateStep : Step
{
    // 256 KiB of floats: with the gate's as many, half of a usual second-level cache.
    private const int TileFloats = 65536;

    private readonly ModelConfig _config;
    private readonly Workspace _space;
    private readonly VectorKernel _vector;
    private readonly Scratch _ups;
    private LayerWeights? _layer;
    private int _rows;
    private HalvingShares _shares;

    public GateStep(ModelConfig config, Workspace space, VectorKernel vector, int workers, int maxRows)
    {
        (_config, _space, _vector) = (config, space, vector);
        _ups = space.TakeScratch(workers, Math.Max(TileFloats, HalvingShares.Panel * maxRows));
    }

    /// <summary>Of which layer.</summary>
    public GateStep With(LayerWeights layer)
    {
        _layer = layer;
        return this;
    }

    /// <inheritdoc/>
    public override int Divide(int rows, int workers)
    {
        _rows = rows;
        int panels = HalvingShares.PanelsOf(_config.FeedForwardWidth);
        _shares = HalvingShares.Of(panels, _layer!.Gate.Bytes + _layer.Up.Bytes, rows, workers);
        return _shares.Count;
    }

    /// <inheritdoc/>
    public override void Run(int part, int worker)
    {
        int tile = Math.Max(TileFloats / _rows / HalvingShares.Panel, 1) * HalvingShares.Panel;
        RowRange share = _shares.Get(part).RowsOf(_config.FeedForwardWidth, 0);
        for (int first = share.First; first < share.End; first += tile)
        {
            RunTile(new RowRange(first, Math.Min(first + tile, share.End)), _ups.Get(worker));
        }
    }

    // ups: [rows, tile]
    private void RunTile(RowRange tile, float* ups)
    {
        _layer!.Gate.Multiply(_space.Normed, tile.First, tile.End, _space.Gated, _config.FeedForwardWidth);
        _layer.Up.Multiply(_space.Normed, tile.First, tile.End, ups - tile.First, tile.Count);
        for (int row = 0; row < _rows; row++)
        {
            float* gate = _space.Gated + ((long)row * _config.FeedForwardWidth) + tile.First;
            _vector.Gate(gate, ups + ((long)row * tile.Count), tile.Count);
        }
    }
}
