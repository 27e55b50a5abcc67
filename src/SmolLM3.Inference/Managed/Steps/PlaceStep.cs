using System.Numerics.Tensors;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Managed.Kernels;

namespace SmolLM3.Inference.Managed.Steps;

/// <summary>Turns queries and keys by their positions, and stores keys and values.</summary>
internal sealed unsafe class PlaceStep(
    ModelConfig config, Workspace space, KvStore store, KvMemory memory, VectorKernel vector,
    AttentionKernel attention) : RowStep
{
    private Batch? _batch;
    private int _layer;

    /// <summary>Of which batch and layer.</summary>
    public PlaceStep With(Batch batch, int layer)
    {
        (_batch, _layer) = (batch, layer);
        return this;
    }

    /// <inheritdoc/>
    protected override void RunRow(int row, int worker)
    {
        BatchRow token = _batch!.Rows[row];
        float* query = space.Query + ((long)row * config.QueryWidth);
        float* key = space.Key + ((long)row * config.KvWidth);
        float* value = space.Value + ((long)row * config.KvWidth);
        if (ModelConfig.UsesRope(_layer))
        {
            Rotate(row, query, config.Heads);
            Rotate(row, key, config.KvHeads);
        }

        int block = store.GetBlocks(token.Sequence)[token.Position / store.BlockTokens];
        int slot = token.Position % store.BlockTokens;
        for (int head = 0; head < config.KvHeads; head++)
        {
            int start = head * config.HeadDimension;
            byte* keys = memory.Keys(block, _layer, head);
            attention.StoreKey(memory.Shape, key + start, slot, keys);
            attention.StoreValue(memory.Shape, value + start, slot, memory.Values(block, _layer, head));
            if (!IsFinite(key + start) || !IsFinite(value + start))
            {
                AttentionKernel.MarkBroken(memory.Shape, slot, keys);
            }
        }
    }

    private bool IsFinite(float* head) =>
        float.IsFinite(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<float>(head, config.HeadDimension)));

    private void Rotate(int row, float* heads, int count)
    {
        long tables = (long)row * config.RopeDimensions;
        for (int head = 0; head < count; head++)
        {
            float* numbers = heads + (head * config.HeadDimension);
            vector.Rotate(numbers, space.Cos + tables, space.Sin + tables, config.RopeDimensions);
        }
    }
}
