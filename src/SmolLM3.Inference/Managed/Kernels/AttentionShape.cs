using SmolLM3.Inference.Engine;

namespace SmolLM3.Inference.Managed.Kernels;

/// <summary>
/// Where the keys and values of one KV head of one block of tokens lie: in lines of 32 numbers, so that attention reads
/// memory strictly forward and needs no sum across lanes, with one scale for 32 numbers of a token where they are kept
/// as 8 bits:
/// <code>
/// keys   [token line][dimension][32 tokens]       a line holds one dimension of 32 tokens
///        [dimension line][tokens]                 scales, floats
/// values [dimension line][token][32 dimensions]   a line holds 32 dimensions of one token
///        [dimension line][tokens]                 scales, floats
/// </code>
/// Within a line of half numbers, element i and element i + 16 stand side by side (see <see cref="Place"/>): a 32-bit
/// lane then holds both, and two shifts widen them.
/// </summary>
/// <param name="HeadDimension">Numbers in a key or a value of one head.</param>
/// <param name="BlockTokens">Tokens in a block.</param>
/// <param name="Type">How the numbers are kept.</param>
internal readonly record struct AttentionShape(int HeadDimension, int BlockTokens, KvCacheType Type = KvCacheType.F16)
{
    /// <summary>Numbers in a line.</summary>
    public const int Line = 32;

    /// <summary>Whether 32 numbers share a scale.</summary>
    public bool HasScales => Type == KvCacheType.Q8_0;

    /// <summary>Bytes of a number.</summary>
    public int NumberBytes => HasScales ? sizeof(sbyte) : sizeof(ushort);

    /// <summary>Bytes of a line.</summary>
    public int LineBytes => Line * NumberBytes;

    /// <summary>Head dimension in whole lines.</summary>
    public int PaddedDimension => RoundUp(HeadDimension);

    /// <summary>Block tokens in whole lines.</summary>
    public int PaddedTokens => RoundUp(BlockTokens);

    /// <summary>Scales of a key or a value of one token.</summary>
    public int ScalesPerToken => HasScales ? PaddedDimension / Line : 0;

    /// <summary>Where in a block's keys the scales begin, in bytes.</summary>
    public int KeyScales => HeadDimension * PaddedTokens * NumberBytes;

    /// <summary>Where in a block's values the scales begin, in bytes.</summary>
    public int ValueScales => PaddedDimension * BlockTokens * NumberBytes;

    /// <summary>Bytes of the scales of a block's keys, and of its values.</summary>
    public int ScaleBytes => ScalesPerToken * PaddedTokens * sizeof(float);

    /// <summary>Bytes of a block's keys.</summary>
    public int KeyBytes => KeyScales + ScaleBytes;

    /// <summary>Bytes of a block's values.</summary>
    public int ValueBytes => ValueScales + ScaleBytes;

    /// <summary>Bytes of one token's key and value, without what fills up lines.</summary>
    public int TokenBytes => 2 * ((HeadDimension * NumberBytes) + (ScalesPerToken * sizeof(float)));

    /// <summary>Floats of a query made ready.</summary>
    public int QueryLength => PaddedDimension;

    /// <summary>Floats of one query's state: the weighted sum of values, the greatest score, the sum of weights, and
    /// what fills up a cache line.</summary>
    public int StateLength => PaddedDimension + 16;

    /// <summary>Where in a state the greatest score stands.</summary>
    public int MaximumIndex => PaddedDimension;

    /// <summary>Where in a state the sum of weights stands.</summary>
    public int SumIndex => PaddedDimension + 1;

    /// <summary>Where in a line of half numbers element <paramref name="index"/> stands.</summary>
    public static int Place(int index) => ((index & 15) << 1) | (index >> 4);

    /// <summary>Where one number of one token's key stands, in bytes.</summary>
    public int KeyOffset(int token, int dimension) =>
        ((((token / Line * HeadDimension) + dimension) * Line) + PlaceInLine(token % Line)) * NumberBytes;

    /// <summary>Where one number of one token's value stands, in bytes.</summary>
    public int ValueOffset(int token, int dimension) =>
        ((((dimension / Line * BlockTokens) + token) * Line) + PlaceInLine(dimension % Line)) * NumberBytes;

    /// <summary>Where among the scales of keys, or of values, one line of one token has its own.</summary>
    public int ScaleIndex(int token, int line) => (line * PaddedTokens) + token;

    private int PlaceInLine(int index) => HasScales ? index : Place(index);

    private static int RoundUp(int count) => (count + Line - 1) / Line * Line;
}
