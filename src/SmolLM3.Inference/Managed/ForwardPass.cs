using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed.Adapters;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Managed.Steps;

namespace SmolLM3.Inference.Managed;

/// <summary>
/// Computes a batch whose room is already reserved. One path for prompts and single tokens: a prompt is a batch with
/// more rows.
/// </summary>
internal sealed unsafe class ForwardPass : IDisposable
{
    // Queries that go through a block of keys together: their states fill half of a first-level cache.
    private const int TileQueries = 64;

    // Multiplications (rows times weights) below which waking other threads costs more than they help.
    private const long SmallWork = 8_000_000;

    private readonly ModelConfig _config;
    private readonly ModelWeights _weights;
    private readonly Workspace _space;
    private readonly WorkerPool _pool;
    private readonly long _weightCount;
    private readonly long _smallWork;
    private readonly EmbedStep _embed;
    private readonly NormStep _norm;
    private readonly ProjectStep _project = new();
    private readonly PlaceStep _place;
    private readonly AttendStep _attend;
    private readonly CombineStep _combine;
    private readonly QuantizeStep _quantize = new();
    private readonly GateStep _gate;
    private readonly HeadNormStep _headNorm;
    private readonly LoraPass _lora;
    private readonly ShrinkStep _shrink;
    private readonly ExpandStep _expand;
    private int _rows;
    private bool _alone;

    public ForwardPass(
        ModelConfig config,
        ModelWeights weights,
        Workspace space,
        KvStore store,
        KvMemory memory,
        LoraAdapters adapters,
        VectorKernel vector,
        WorkerPool pool,
        int maxRows,
        long? smallWork = null)
    {
        (_config, _weights, _space, _pool) = (config, weights, space, pool);
        _weightCount = weights.ParameterCount;
        _smallWork = smallWork ?? SmallWork;
        int workers = pool.Workers;
        int tileRows = Math.Clamp(TileQueries / config.Group, 1, maxRows);
        AttentionPlan plan = new(maxRows, tileRows, config.KvHeads, workers, store.BlockTokens);
        Rope rope = new(config.RopeDimensions, config.RopeBase, config.Scaling);
        _embed = new EmbedStep(config, weights, rope, space);
        _norm = new NormStep(config, space, vector, workers);
        AttentionKernel attention = vector.GetAttention(memory.Shape.Type);
        _place = new PlaceStep(config, space, store, memory, vector, attention);
        _attend = new AttendStep(config, space, store, memory, attention, plan, workers, tileRows);
        _combine = new CombineStep(config, space, memory.Shape, attention, plan, _attend, workers);
        _lora = new LoraPass(adapters, vector, config.Width, maxRows);
        _shrink = new ShrinkStep(_lora);
        _expand = new ExpandStep(_lora);
        _gate = new GateStep(config, space, vector, _lora, workers, maxRows);
        _headNorm = new HeadNormStep(config, weights, space, vector, workers);
    }

    /// <summary>Computes every row, and logits for those that asked.</summary>
    public void Run(Batch batch)
    {
        Begin(batch);
        Do(_embed.With(batch));
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            LayerWeights w = _weights.Layers[layer];
            Do(_norm.With(w.AttentionNorm, addBranch: layer > 0, _lora.Normed));
            Do(_project.With(
                _space.Normed, w.Query, _space.Query, w.Key, _space.Key, w.Value, _space.Value));
            AdaptAttention(layer);
            Do(_place.With(batch, layer));
            Do(_attend.With(layer));
            Do(_combine);
            Do(_quantize.With(_space.Attended, _config.QueryWidth, _space.AttendedRows));
            Do(_project.With(_space.AttendedRows, w.AttentionOutput, _space.Branch));
            AdaptBranch(new(layer, LoraTarget.AttentionOutput), _space.Attended, _config.QueryWidth);

            Do(_norm.With(w.FeedForwardNorm, addBranch: true, _lora.Normed));
            AdaptGate(layer);
            Do(_gate.With(w, layer));
            Do(_quantize.With(_space.Gated, _config.FeedForwardWidth, _space.GatedRows));
            Do(_project.With(_space.GatedRows, w.Down, _space.Branch));
            AdaptBranch(new(layer, LoraTarget.Down), _space.Gated, _config.FeedForwardWidth);
        }

        if (batch.LogitsCount > 0)
        {
            Do(_headNorm.With(batch));
            Do(_project.With(_space.HeadRows, _weights.Head, _space.Logits));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _attend.Dispose();
        _lora.Dispose();
    }

    private void Begin(Batch batch)
    {
        _rows = batch.Count;
        _alone = _rows * _weightCount < _smallWork;
        _space.Normed.Count = _space.AttendedRows.Count = _space.GatedRows.Count = _rows;
        _space.HeadRows.Count = batch.LogitsCount;
        _space.ReserveLogits(batch.LogitsCount, _config.Vocabulary);
        _attend.Plan(batch);
        _lora.Begin(batch);
    }

    private void AdaptAttention(int layer)
    {
        if (_lora.IsUsed)
        {
            LoraPlace place = new(layer, LoraTarget.Query);
            Do(_shrink.With(place, products: 3, _lora.Normed, _config.Width));
            Do(_expand.With(place)
                .Into(_space.Query, _config.QueryWidth)
                .Into(_space.Key, _config.KvWidth)
                .Into(_space.Value, _config.KvWidth));
        }
    }

    // The other half is the gate step's.
    private void AdaptGate(int layer)
    {
        if (_lora.IsUsed)
        {
            Do(_shrink.With(new(layer, LoraTarget.Gate), products: 2, _lora.Normed, _config.Width));
        }
    }

    private void AdaptBranch(LoraPlace place, float* input, int columns)
    {
        if (_lora.IsUsed)
        {
            Do(_shrink.With(place, products: 1, input, columns));
            Do(_expand.With(place).Into(_space.Branch, _config.Width));
        }
    }

    private void Do(Step step)
    {
        int parts = step.Divide(_rows, _pool.Workers);
        if (_alone)
        {
            WorkerPool.RunAlone(step, parts);
        }
        else
        {
            _pool.Run(step, parts);
        }
    }
}
