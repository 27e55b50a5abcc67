namespace SmolLM3.Inference.Managed;

/// <summary>The numbers the key-value store starts from, each with its reason.</summary>
internal static class KvDefaults
{
#if DEBUG
    /// <summary>Tiny, so that every test crosses block edges.</summary>
    public const int BlockTokens = 4;
#else
    /// <summary>Two cache lines of tokens. Attention merges one result a block, which costs little at 64 tokens and
    /// four times as much at 16; a sequence wastes half a block on average.</summary>
    public const int BlockTokens = 64;
#endif
}
