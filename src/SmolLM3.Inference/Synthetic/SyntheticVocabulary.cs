using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Synthetic;

/// <summary>
/// A byte-level vocabulary of SmolLM3's shape: 256 bytes, merged tokens (each with every way to split it into two
/// others as a merge, the way the real file has them), and special tokens at the end. Any text tokenizes.
/// </summary>
internal sealed class SyntheticVocabulary
{
    /// <summary>The bytes and the fewest special tokens.</summary>
    public const int Smallest = 256 + FewSpecials;

    /// <summary>More than the combinations in <see cref="SyntheticTokenTexts"/> would be needed above this.</summary>
    public const int Largest = 500_000;

    private const int FewSpecials = 32;
    private const int ManySpecials = 256;
    private const int ManyFrom = 2048;
    private const int EndOfTurn = 12;

    private const int NormalToken = 1;
    private const int ControlToken = 3;
    private const int UserDefinedToken = 4;

    // In the order of the model's own file, from its first special id on.
    private static readonly (string Text, int Type)[] s_named =
    [
        ("<|begin_of_text|>", ControlToken),
        ("<|end_of_text|>", ControlToken),
        ("<think>", UserDefinedToken),
        ("</think>", UserDefinedToken),
        ("<|finetune_right_pad_id|>", ControlToken),
        ("<|reserved_special_token_2|>", ControlToken),
        ("<|start_header_id|>", ControlToken),
        ("<|end_header_id|>", ControlToken),
        ("<|eom_id|>", ControlToken),
        ("<|eot_id|>", ControlToken),
        ("<|python_tag|>", ControlToken),
        ("<|im_start|>", ControlToken),
        ("<|im_end|>", ControlToken),
        ("<tool_response>", UserDefinedToken),
        ("</tool_response>", UserDefinedToken),
        ("<tool_call>", UserDefinedToken),
        ("</tool_call>", UserDefinedToken),
        ("<code>", UserDefinedToken),
        ("</code>", UserDefinedToken),
    ];

    private readonly List<string> _tokens = [];
    private readonly List<int> _types = [];
    private readonly List<string> _merges = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private int _firstSpecial;

    public static SyntheticVocabulary Create(int size)
    {
        int specials = size < ManyFrom ? FewSpecials : ManySpecials;
        var vocabulary = new SyntheticVocabulary { _firstSpecial = size - specials };
        foreach (char c in SyntheticTokenTexts.Bytes())
        {
            vocabulary.Add(c.ToString(), NormalToken);
        }

        foreach (string text in SyntheticTokenTexts.Merged())
        {
            if (vocabulary._tokens.Count == vocabulary._firstSpecial)
            {
                break;
            }

            vocabulary.AddMerged(text);
        }

        for (int i = 0; vocabulary._tokens.Count < size; i++)
        {
            (string text, int type) = i < s_named.Length
                ? s_named[i]
                : ($"<|reserved_special_token_{i - s_named.Length + 3}|>", ControlToken);
            vocabulary.Add(text, type);
        }

        return vocabulary;
    }

    /// <summary>Sets the tokenizer's metadata keys.</summary>
    public void Set(GgufWriter writer) => writer
        .Set("tokenizer.ggml.model", "gpt2")
        .Set("tokenizer.ggml.pre", "smaug-bpe")
        .Set("tokenizer.ggml.tokens", GgufStringArray.Create(_tokens))
        .Set("tokenizer.ggml.token_type", _types.ToArray())
        .Set("tokenizer.ggml.merges", GgufStringArray.Create(_merges))
        .Set("tokenizer.ggml.bos_token_id", (uint)_firstSpecial)
        .Set("tokenizer.ggml.eos_token_id", (uint)(_firstSpecial + EndOfTurn))
        .Set("tokenizer.ggml.padding_token_id", (uint)(_firstSpecial + EndOfTurn));

    private void AddMerged(string text)
    {
        if (_known.Contains(text))
        {
            return;
        }

        int before = _merges.Count;
        for (int split = 1; split < text.Length; split++)
        {
            if (_known.Contains(text[..split]) && _known.Contains(text[split..]))
            {
                _merges.Add($"{text[..split]} {text[split..]}");
            }
        }

        // A token no merge leads to could never come out of a text.
        if (_merges.Count > before)
        {
            Add(text, NormalToken);
        }
    }

    private void Add(string text, int type)
    {
        _tokens.Add(text);
        _types.Add(type);
        _known.Add(text);
    }
}
