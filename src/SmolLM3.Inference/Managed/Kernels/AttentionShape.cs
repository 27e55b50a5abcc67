namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// Where the keys and values of one KV head of one block of tokens lie. Both are half numbers in lines of 32, one
/// cache line each, so that attention reads memory strictly forward and needs no sum across lanes:
/// <code>
/// keys   [token line][dimension][32 tokens]       a line holds one dimension of 32 tokens
/// values [dimension line][token][32 dimensions]   a line holds 32 dimensions of one token
/// </code>
/// Within a line, element i and element i + 16 stand side by side (see <see cref="Place"/>): a 32-bit lane then holds
/// both, and two shifts widen them.
/// </summary>
/// <param name="HeadDimension">Numbers in a key or a value of one head.</param>
/// <param name="BlockTokens">Tokens in a block.</param>
internal readonly record struct AttentionShape(int HeadDimension, int BlockTokens)
{
    /// <summary>Halves in a line of 64 bytes.</summary>
    public const int Line = 32;

    /// <summary>Head dimension in whole lines.</summary>
    public int PaddedDimension => RoundUp(HeadDimension);

    /// <summary>Block tokens in whole lines.</summary>
    public int PaddedTokens => RoundUp(BlockTokens);

    /// <summary>Halves of a block's keys.</summary>
    public int KeyLength => HeadDimension * PaddedTokens;

    /// <summary>Halves of a block's values.</summary>
    public int ValueLength => PaddedDimension * BlockTokens;

    /// <summary>Floats of a query made ready.</summary>
    public int QueryLength => PaddedDimension;

    /// <summary>Floats of one query's state: the weighted sum of values, the greatest score, the sum of weights, and
    /// what fills up a cache line.</summary>
    public int StateLength => PaddedDimension + 16;

    /// <summary>Where in a state the greatest score stands.</summary>
    public int MaximumIndex => PaddedDimension;

    /// <summary>Where in a state the sum of weights stands.</summary>
    public int SumIndex => PaddedDimension + 1;

    /// <summary>Where element <paramref name="index"/> stands in its run of lines.</summary>
    public static int Place(int index) => (index & ~31) | ((index & 15) << 1) | ((index >> 4) & 1);

    /// <summary>Where one number of one token's key stands.</summary>
    public int KeyIndex(int token, int dimension) =>
        (((token / Line * HeadDimension) + dimension) * Line) + Place(token % Line);

    /// <summary>Where one number of one token's value stands.</summary>
    public int ValueIndex(int token, int dimension) =>
        (((dimension / Line * BlockTokens) + token) * Line) + Place(dimension % Line);

    private static int RoundUp(int count) => (count + Line - 1) / Line * Line;
}
