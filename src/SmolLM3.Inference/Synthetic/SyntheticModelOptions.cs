using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Synthetic;

/// <summary>Sizes and contents of a random-weight model; as it comes, SmolLM3-3B as Q4_K_M.</summary>
public sealed class SyntheticModelOptions
{
    /// <summary>Width of the residual stream, elements.</summary>
    public int HiddenSize { get; set; } = 2048;

    /// <summary>Number of layers.</summary>
    public int LayerCount { get; set; } = 36;

    /// <summary>Query heads; each is HiddenSize / HeadCount wide.</summary>
    public int HeadCount { get; set; } = 16;

    /// <summary>Key and value heads; divides <see cref="HeadCount"/>.</summary>
    public int KeyValueHeadCount { get; set; } = 4;

    /// <summary>Width of the feed-forward layer, elements.</summary>
    public int FeedForwardSize { get; set; } = 11008;

    /// <summary>
    /// Tokens: 256 bytes, then merged ones, then special ones (256 of them in a vocabulary of 2,048 or more, else 32).
    /// </summary>
    public int VocabularySize { get; set; } = 128_256;

    /// <summary>Trained context length, tokens.</summary>
    public int ContextLength { get; set; } = 65_536;

    /// <summary>Base of the rotary frequencies.</summary>
    public float RopeTheta { get; set; } = 5_000_000;

    /// <summary>When set, the file declares YaRN scaling by this factor.</summary>
    public float? YarnFactor { get; set; }

    /// <summary>Context length before YaRN, tokens; written with <see cref="YarnFactor"/> only.</summary>
    public int YarnOriginalContextLength { get; set; } = 65_536;

    /// <summary>Whether the output head is the embedding; otherwise there is an output.weight of its own.</summary>
    public bool TieEmbeddings { get; set; } = true;

    /// <summary>Type of every matrix, the embedding included; null for the Q4_K and Q6_K of Q4_K_M.</summary>
    public GgufTensorType? TensorType { get; set; }

    /// <summary>The same seed and options give the same bytes on every machine.</summary>
    public long Seed { get; set; } = 3;

    /// <summary>Most weights of a model whose weights are drawn one by one.</summary>
    internal long LargestDrawn { get; set; } = 16 << 20;

    /// <exception cref="ArgumentException">The sizes do not make a model.</exception>
    internal void Validate()
    {
        Require(HiddenSize > 0 && LayerCount > 0 && FeedForwardSize > 0 && ContextLength > 0, "Sizes are at least 1.");
        Require(HeadCount > 0 && HiddenSize % HeadCount == 0, "HeadCount divides HiddenSize.");
        Require(HiddenSize / HeadCount % 2 == 0, "A head has an even width.");
        Require(KeyValueHeadCount > 0 && HeadCount % KeyValueHeadCount == 0, "KeyValueHeadCount divides HeadCount.");
        Require(VocabularySize is >= SyntheticVocabulary.Smallest and <= SyntheticVocabulary.Largest,
            $"VocabularySize is {SyntheticVocabulary.Smallest} to {SyntheticVocabulary.Largest}.");
        int block = GgufTensorTypes.BlockLength(TensorType ?? GgufTensorType.Q4_K);
        Require(HiddenSize % block == 0 && FeedForwardSize % block == 0,
            $"HiddenSize and FeedForwardSize are multiples of {block}, the block of the tensor type.");
    }

    private static void Require(bool condition, string rule)
    {
        if (!condition)
        {
            throw new ArgumentException(rule);
        }
    }
}
