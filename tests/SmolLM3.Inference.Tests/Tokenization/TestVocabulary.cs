using System.Text;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

/// <summary>
/// A small vocabulary: the 256 bytes (ids 0 to 255), what merges make of them in their order, then added tokens.
/// </summary>
internal sealed class TestVocabulary
{
    /// <summary>Merges for "hello", " world", "thing", digits, line breaks and the ends of added tokens.</summary>
    public static readonly string[] CommonMerges =
    [
        "h e", "l l", "he ll", "hell o", "w o", "r l", "wo rl", "worl d", "Ġ world", "i n", "in g", "a a", "aa aa",
        "Ġ Ġ", "1 2", "12 3", "Ċ Ċ", "t h", "th e", "Ġ the", "' s", "Ã ©", "th ing", "< |", "| >",
    ];

    /// <summary>Added tokens of both kinds.</summary>
    public static readonly (string Text, TokenKind Kind)[] CommonAdded =
    [
        ("<|begin_of_text|>", TokenKind.Control), ("<|end_of_text|>", TokenKind.Control),
        ("<|im_start|>", TokenKind.Control), ("<|im_end|>", TokenKind.Control),
        ("<think>", TokenKind.UserDefined), ("</think>", TokenKind.UserDefined),
    ];

    private readonly List<string> _tokens = [];
    private readonly List<long> _kinds = [];
    private readonly List<string> _merges = [];

    public TestVocabulary(IEnumerable<string>? merges = null, IEnumerable<(string Text, TokenKind Kind)>? added = null)
    {
        for (int value = 0; value < 256; value++)
        {
            Add(ByteAlphabet.ToChar((byte)value).ToString(), TokenKind.Normal);
        }

        foreach (string merge in (merges ?? CommonMerges).Distinct())
        {
            _merges.Add(merge);
            string made = merge.Replace(" ", "", StringComparison.Ordinal);
            if (!_tokens.Contains(made))
            {
                Add(made, TokenKind.Normal);
            }
        }

        foreach ((string text, TokenKind kind) in added ?? CommonAdded)
        {
            Add(text, kind);
        }
    }

    public IReadOnlyList<string> Merges => _merges;

    public TokenizerData Data => new()
    {
        Model = "gpt2",
        PreTokenizer = "smaug-bpe",
        Tokens = GgufStringArray.Create(_tokens),
        Kinds = [.. _kinds],
        Merges = GgufStringArray.Create(_merges),
    };

    public Tokenizer Tokenizer => new(Data);

    public (Vocabulary Vocabulary, MergeTable Merges) Tables
    {
        get
        {
            var vocabulary = new Vocabulary(Data.Tokens, Data.Kinds);
            return (vocabulary, new MergeTable(vocabulary, new AddedTokens(vocabulary), Data.Merges));
        }
    }

    public int this[string token] => _tokens.LastIndexOf(token) is var id and >= 0
        ? id
        : throw new KeyNotFoundException(token);

    public TestVocabulary Add(string text, TokenKind kind)
    {
        _tokens.Add(text);
        _kinds.Add((long)kind);
        return this;
    }

    /// <summary>The tokens of text, shown as their bytes in Latin letters, separated by bars.</summary>
    public static string Show(Tokenizer tokenizer, IEnumerable<int> ids)
        => string.Join('|', ids.Select(id => Encoding.UTF8.GetString(tokenizer.GetBytes(id))));
}
