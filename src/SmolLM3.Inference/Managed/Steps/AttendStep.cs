using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Attention, by tile and KV head; every block is read once for the query heads and rows that share it.
/// </summary>
internal sealed unsafe class AttendStep : Step, IDisposable
{
    // Enough for some 30,000 tokens of SmolLM3.
    private const long LeastPartialBytes = 1 << 20;

    private readonly ModelConfig _config;
    private readonly Workspace _space;
    private readonly KvStore _store;
    private readonly KvMemory _memory;
    private readonly AttentionKernel _kernel;
    private readonly AttentionPlan _plan;
    private readonly Scratch _ready;
    private readonly Scratch _states;
    private readonly Scratch _chunks;
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
        _chunks = space.TakeScratch(workers, tileRows * _groupState);
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
            _partials = new AlignedMemory(
                Math.Max(2 * bytes, LeastPartialBytes), "attention shared out between threads");
        }
    }

    /// <summary>Of which layer.</summary>
    public AttendStep With(int layer)
    {
        _layer = layer;
        return this;
    }

    /// <inheritdoc/>
    public override int Divide(int rows, int workers) => _plan.Tiles * _config.KvHeads;

    /// <inheritdoc/>
    public override void Run(int part, int worker)
    {
        ref readonly AttentionTile tile = ref _plan.Tile(part / _config.KvHeads);
        int head = part % _config.KvHeads;
        float* ready = _ready.Get(worker);
        Prepare(tile, head, ready);
        if (tile.Partial < 0)
        {
            AttendAll(tile, head, ready, worker);
            return;
        }

        for (int chunk = tile.FirstChunk; chunk < tile.EndChunk; chunk++)
        {
            AttendChunk(tile, chunk, head, ready, Partial(tile.Partial + chunk, head), _laters.Get(worker));
        }
    }

    /// <summary>The kept results of one chunk and KV head, shape <c>[group, state length]</c>.</summary>
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

    private void AttendAll(in AttentionTile tile, int head, float* ready, int worker)
    {
        float* states = _states.Get(worker);
        float* chunks = _chunks.Get(worker);
        int queries = tile.Rows * _config.Group;
        GroupState.Clear(_memory.Shape, states, queries);
        for (int chunk = tile.FirstChunk; chunk < tile.EndChunk; chunk++)
        {
            AttendChunk(tile, chunk, head, ready, chunks, _laters.Get(worker));
            GroupState.Merge(_kernel, _memory.Shape, states, chunks, queries);
        }

        for (int i = 0; i < tile.Rows; i++)
        {
            float* output = Output(tile.FirstRow + i, head);
            GroupState.Finish(_kernel, _memory.Shape, states + (i * _groupState), output, _config.Group);
        }
    }

    // states: [rows, group, state length]; later: [group, state length]
    private void AttendChunk(in AttentionTile tile, int chunk, int head, float* ready, float* states, float* later)
    {
        GroupState.Clear(_memory.Shape, states, tile.Rows * _config.Group);
        ReadOnlySpan<int> blocks = _store.GetBlocks(tile.Sequence);
        int first = chunk * AttentionPlan.ChunkBlocks;
        for (int block = first; block < Math.Min(first + AttentionPlan.ChunkBlocks, blocks.Length); block++)
        {
            byte* keys = _memory.Keys(blocks[block], _layer, head);
            byte* values = _memory.Values(blocks[block], _layer, head);
            for (int i = 0; i < tile.Rows; i++)
            {
                int tokens = TokensSeen(tile.FirstRow + i, block);
                if (tokens > 0)
                {
                    _kernel.Attend(
                        _memory.Shape, ready + (i * _groupQuery), _config.Group, keys, values, tokens, later);
                    GroupState.Merge(_kernel, _memory.Shape, states + (i * _groupState), later, _config.Group);
                }
            }
        }
    }

    // A row sees itself and all before it.
    private int TokensSeen(int row, int block) =>
        Math.Min(_batch!.Rows[row].Position + 1 - (block * _store.BlockTokens), _store.BlockTokens);
}
