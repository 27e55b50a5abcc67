namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// Attention of a few queries to one block of one KV head. What a block gives is a state of its own, which depends on
/// the query and the block's tokens alone; states are merged in one order, inside chunks of blocks and then chunk by
/// chunk. So the result is the same to the bit whoever computes which block, and however many queries are computed at a
/// time.
/// </summary>
internal abstract unsafe class AttentionKernel
{
    /// <summary>Queries made ready: scaled, and laid out as <see cref="Attend"/> reads them.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="queries">Shape <c>[count, head dimension]</c>.</param>
    /// <param name="count">Queries.</param>
    /// <param name="scale">What scores are multiplied by.</param>
    /// <param name="ready">Shape <c>[count, query length]</c>.</param>
    public abstract void Prepare(AttentionShape shape, float* queries, int count, float scale, float* ready);

    /// <summary>Puts one token's key into a block.</summary>
    public abstract void StoreKey(AttentionShape shape, float* key, int token, byte* keys);

    /// <summary>Puts one token's value into a block.</summary>
    public abstract void StoreValue(AttentionShape shape, float* value, int token, byte* values);

    /// <summary>Attends to the first <paramref name="tokens"/> tokens of a block, at least one.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="ready">Queries from <see cref="Prepare"/>, shape <c>[count, query length]</c>.</param>
    /// <param name="count">Queries.</param>
    /// <param name="keys">The block's keys.</param>
    /// <param name="values">The block's values.</param>
    /// <param name="tokens">How many of its tokens the queries may see.</param>
    /// <param name="states">What comes out, shape <c>[count, state length]</c>.</param>
    public abstract void Attend(
        AttentionShape shape, float* ready, int count, byte* keys, byte* values, int tokens, float* states);

    /// <summary>Merges the state of a later block into that of all before it.</summary>
    public abstract void Merge(AttentionShape shape, float* state, float* later);

    /// <summary>Writes the weighted mean, shape <c>[head dimension]</c>.</summary>
    public abstract void Finish(AttentionShape shape, float* state, float* output);

    /// <summary>The state before the first block.</summary>
    public static void Clear(AttentionShape shape, float* state)
    {
        new Span<float>(state, shape.StateLength).Clear();
        state[shape.MaximumIndex] = float.NegativeInfinity;
    }

    /// <summary>Marks a stored token whose key or value is not finite: whoever attends to it gets NaN.</summary>
    public static void MarkBroken(AttentionShape shape, int token, byte* keys)
    {
        if (shape.HasScales)
        {
            ((float*)(keys + shape.KeyScales))[shape.ScaleIndex(token, 0)] = float.NaN;
        }
        else
        {
            *(ushort*)(keys + shape.KeyOffset(token, 0)) = HalfFormat.NotANumber;
        }
    }

    /// <summary>Whether one of a block's first tokens is marked; a scale that is NaN needs no looking for.</summary>
    protected static bool AnyBroken(AttentionShape shape, byte* keys, int tokens)
    {
        for (int first = 0; first < tokens && !shape.HasScales; first += AttentionShape.Line)
        {
            // A line has the first number of 32 keys, those of tokens after the last included.
            ReadOnlySpan<ushort> line = new(keys + shape.KeyOffset(first, 0), AttentionShape.Line);
            int end = Math.Min(tokens, first + AttentionShape.Line);
            for (int token = line.Contains(HalfFormat.NotANumber) ? first : end; token < end; token++)
            {
                if (line[AttentionShape.Place(token - first)] == HalfFormat.NotANumber)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
