using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Attention, by tile and KV head; every block is read once for the query heads and rows that share it.
/// </summary>
internal sealed unsafe class AttendStep : Step, IDisposable
{
    private readonly ModelConfig _config;
    private readonly Workspace _space;
    private readonly KvStore _store;
    private readonly KvMemory _memory;
    private readonly AttentionKernel _kernel;
    private readonly AttentionPlan _plan;
    private readonly Scratch _ready;
    private readonly Scratch _states;
    private readonly Scratch _laters;
    private readonly long _groupState;
    private readonly int _groupQuery;
    private AlignedMemory? _partials;
    private Batch? _batch;
    private int _layer;

    public AttendStep(
        ModelConfig config,
        Workspace space,
        KvStore store,
        KvMemory memory,
        AttentionKernel kernel,
        AttentionPlan plan,
        int workers,
        int tileRows)
    {
        (_config, _space, _store, _memory, _kernel, _plan) = (config, space, store, memory, kernel, plan);
        _groupQuery = config.Group * memory.Shape.QueryLength;
        _groupState = config.Group * memory.Shape.StateLength;
        _ready = space.TakeScratch(workers, tileRows * _groupQuery);
        _states = space.TakeScratch(workers, tileRows * _groupState);
        _laters = space.TakeScratch(workers, _groupState);
    }

    /// <summary>Plans a batch, for all its layers.</summary>
    public void Plan(Batch batch)
    {
        _batch = batch;
        _plan.Plan(batch.Rows);
        long bytes = _plan.Partials * _config.KvHeads * _groupState * sizeof(float);
        if (bytes > (_partials?.Bytes ?? 0))
        {
            _partials?.Dispose();
            _partials = null;
            _partials = new AlignedMemory(2 * bytes, "attention shared out between threads");
        }
    }

    /// <summary>Of which layer.</summary>
    public AttendStep With(int layer)
    {
        _layer = layer;
        return this;
    }

    /// <inheritdoc/>
    public override int Divide(int rows, int wanted) => _plan.Tiles * _config.KvHeads;

    /// <inheritdoc/>
    public override void Run(int part, int worker)
    {
        ref readonly AttentionTile tile = ref _plan.Tile(part / _config.KvHeads);
        int head = part % _config.KvHeads;
        Prepare(tile, head, _ready.Get(worker));
        if (tile.Partial < 0)
        {
            AttendAll(tile, head, _ready.Get(worker), _states.Get(worker), _laters.Get(worker));
        }
        else
        {
            AttendEach(tile, head, _ready.Get(worker));
        }
    }

    /// <summary>The kept results of one block and KV head, shape <c>[group, state length]</c>.</summary>
    public float* Partial(int index, int head) =>
        (float*)_partials!.Pointer + ((((long)index * _config.KvHeads) + head) * _groupState);

    /// <summary>Where the outputs of a row and KV head belong, shape <c>[group, head dimension]</c>.</summary>
    public float* Output(int row, int head) =>
        _space.Attended + ((long)row * _config.QueryWidth) + (head * _config.Group * _config.HeadDimension);

    /// <inheritdoc/>
    public void Dispose() => _partials?.Dispose();

    // ready: [rows, group, query length]
    private void Prepare(in AttentionTile tile, int head, float* ready)
    {
        for (int i = 0; i < tile.Rows; i++)
        {
            float* queries = _space.Query + ((long)(tile.FirstRow + i) * _config.QueryWidth)
                + (head * _config.Group * _config.HeadDimension);
            float* to = ready + (i * _groupQuery);
            _kernel.Prepare(_memory.Shape, queries, _config.Group, _config.AttentionScale, to);
        }
    }

    // states: [rows, group, state length]; later: [group, state length]
    private void AttendAll(in AttentionTile tile, int head, float* ready, float* states, float* later)
    {
        GroupState.Clear(_memory.Shape, states, tile.Rows * _config.Group);
        for (int block = tile.FirstBlock; block < tile.EndBlock; block++)
        {
            for (int i = 0; i < tile.Rows; i++)
            {
                if (TokensSeen(tile.FirstRow + i, block) > 0)
                {
                    Attend(tile, tile.FirstRow + i, block, head, ready + (i * _groupQuery), later);
                    GroupState.Merge(_kernel, _memory.Shape, states + (i * _groupState), later, _config.Group);
                }
            }
        }

        for (int i = 0; i < tile.Rows; i++)
        {
            float* output = Output(tile.FirstRow + i, head);
            GroupState.Finish(_kernel, _memory.Shape, states + (i * _groupState), output, _config.Group);
        }
    }

    private void AttendEach(in AttentionTile tile, int head, float* ready)
    {
        for (int block = tile.FirstBlock; block < tile.EndBlock; block++)
        {
            Attend(tile, tile.FirstRow, block, head, ready, Partial(tile.Partial + block, head));
        }
    }

    private void Attend(in AttentionTile tile, int row, int block, int head, float* ready, float* states)
    {
        int at = _store.GetBlocks(tile.Sequence)[block];
        byte* keys = _memory.Keys(at, _layer, head);
        byte* values = _memory.Values(at, _layer, head);
        _kernel.Attend(_memory.Shape, ready, _config.Group, keys, values, TokensSeen(row, block), states);
    }

    // A row sees itself and all before it.
    private int TokensSeen(int row, int block) =>
        Math.Min(_batch!.Rows[row].Position + 1 - (block * _store.BlockTokens), _store.BlockTokens);
}
