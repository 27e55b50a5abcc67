namespace SmolLM3.Inference.Gguf;

/// <summary>The linear projections of a layer, which adapters change. Those of one input stand together.</summary>
internal enum LoraTarget
{
    Query,
    Key,
    Value,
    AttentionOutput,
    Gate,
    Up,
    Down,
}
