using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Adapters;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>The first half of the feed-forward network: <c>silu(gate(x)) * up(x)</c>.</summary>
/// <remarks>A share is computed in tiles so small that both sides are still in the core's cache when they meet. What
/// adapters add to them is added there; <see cref="ShrinkStep"/> has prepared it.</remarks>
internal sealed unsafe class GateStep : Step
{
    // 256 KiB of floats: with the gate's as many, half of a usual second-level cache.
    private const int TileFloats = 65536;

    private readonly ModelConfig _config;
    private readonly Workspace _space;
    private readonly VectorKernel _vector;
    private readonly LoraPass _lora;
    private readonly Scratch _ups;
    private LayerWeights? _layer;
    private LoraPlace _place;
    private int _rows;
    private HalvingShares _shares;

    public GateStep(
        ModelConfig config, Workspace space, VectorKernel vector, LoraPass lora, int workers, int maxRows)
    {
        (_config, _space, _vector, _lora) = (config, space, vector, lora);
        _ups = space.TakeScratch(workers, Math.Max(TileFloats, HalvingShares.Panel * maxRows));
    }

    /// <summary>Of which layer.</summary>
    /// <param name="layer">Its weights.</param>
    /// <param name="number">Its number.</param>
    public GateStep With(LayerWeights layer, int number)
    {
        _layer = layer;
        _place = new LoraPlace(number, LoraTarget.Gate);
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
        AddAdapters(tile, ups);
        for (int row = 0; row < _rows; row++)
        {
            float* gate = _space.Gated + ((long)row * _config.FeedForwardWidth) + tile.First;
            _vector.Gate(gate, ups + ((long)row * tile.Count), tile.Count);
        }
    }

    private void AddAdapters(RowRange tile, float* ups)
    {
        LoraPlace up = _place with { Target = LoraTarget.Up };
        for (int i = 0; i < _lora.Count; i++)
        {
            long row = _lora.Row(i);
            _lora.Expand(i, _place, product: 0, tile, _space.Gated + (row * _config.FeedForwardWidth));
            _lora.Expand(i, up, product: 1, tile, ups + (row * tile.Count) - tile.First);
        }
    }
}
