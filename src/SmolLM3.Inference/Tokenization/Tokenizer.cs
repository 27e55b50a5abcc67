using System.Buffers;
using System.Text;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Text to token ids and back: byte-level byte-pair encoding with Llama 3's splitting rule, as the files of SmolLM3
/// (<c>tokenizer.ggml.pre</c> = <c>smaug-bpe</c>) and Llama 3 (<c>llama-bpe</c>) ask for it. Every text and every byte
/// string can be encoded, and decoding gives the same bytes back. Nothing is added: a beginning-of-text token, where a
/// model wants one, is the caller's affair, whatever the file says about it. Thread-safe.
/// </summary>
public sealed class Tokenizer
{
    private static readonly string[] s_endTexts = ["<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>"];

    private readonly Vocabulary _vocabulary;
    private readonly AddedTokens _added;
    private readonly PieceEncoder _encoder;
    private readonly WorkspacePool _workspaces = new();

    internal Tokenizer(TokenizerData data)
    {
        bool wholeFirst = TokenizerRules.TakesWholePieces(data);
        _vocabulary = new Vocabulary(data.Tokens, data.Kinds);
        _added = new AddedTokens(_vocabulary);
        _encoder = new PieceEncoder(_vocabulary, new MergeTable(_vocabulary, _added, data.Merges), wholeFirst);
        BosToken = TokenizerRules.CheckId(data.Bos, "tokenizer.ggml.bos_token_id", VocabularySize);
        EosToken = TokenizerRules.CheckId(data.Eos, "tokenizer.ggml.eos_token_id", VocabularySize);
        PaddingToken = TokenizerRules.CheckId(data.Padding, "tokenizer.ggml.padding_token_id", VocabularySize);
        EndTokens = FindEndTokens();
    }

    /// <summary>Number of tokens; ids go from 0 to one less.</summary>
    public int VocabularySize => _vocabulary.Count;

    /// <summary>Beginning of text, where the file names one.</summary>
    public int? BosToken { get; }

    /// <summary>End of text, or of a turn, where the file names one.</summary>
    public int? EosToken { get; }

    /// <summary>Padding, where the file names one.</summary>
    public int? PaddingToken { get; }

    /// <summary>
    /// Tokens at which generation ends, ascending: <see cref="EosToken"/> and those of <c>&lt;|im_end|&gt;</c>,
    /// <c>&lt;|eot_id|&gt;</c>, <c>&lt;|eom_id|&gt;</c> and <c>&lt;|end_of_text|&gt;</c> that the vocabulary has.
    /// </summary>
    public IReadOnlyList<int> EndTokens { get; }

    /// <summary>Reads a file's tokenizer. The file may be disposed afterwards.</summary>
    /// <exception cref="UnsupportedModelException">It is not byte-level BPE with Llama 3's splitting rule.</exception>
    /// <exception cref="GgufFormatException">Parts of it are missing or contradict each other.</exception>
    public static Tokenizer FromGguf(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new Tokenizer(TokenizerData.Read(file.Metadata));
    }

    /// <summary>Reads the tokenizer of a <c>tokenizer.json</c>, as Hugging Face's repositories have it. Such a file names no
    /// beginning, end or padding: those properties are null.</summary>
    /// <param name="tokenizerJson">The file, read to its end; stays open.</param>
    /// <exception cref="UnsupportedModelException">It is not byte-level BPE with Llama 3's splitting rule.</exception>
    /// <exception cref="InvalidDataException">It is no <c>tokenizer.json</c>, or parts of it are missing or
    /// wrong.</exception>
    public static Tokenizer FromHuggingFace(Stream tokenizerJson)
    {
        ArgumentNullException.ThrowIfNull(tokenizerJson);
        TokenizerData data = HuggingFaceTokenizer.Read(tokenizerJson);
        try
        {
            return new Tokenizer(data);
        }
        catch (GgufFormatException error)
        {
            throw new InvalidDataException("The tokenizer.json is damaged or incomplete: " + error.Message, error);
        }
    }

    /// <summary>Encodes text with no added token matched in it.</summary>
    public int[] Encode(string text) => Encode(text, SpecialTokens.None);

    /// <summary>Encodes text. Lone surrogates become U+FFFD, as UTF-8 cannot say them.</summary>
    public int[] Encode(string text, SpecialTokens special)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, utf8);
        Workspace workspace = _workspaces.Rent();
        Encode(utf8.AsSpan(0, length), special, workspace, workspace.Ids);
        int[] ids = [.. workspace.Ids];
        _workspaces.Return(workspace);
        ArrayPool<byte>.Shared.Return(utf8);
        return ids;
    }

    /// <summary>Encodes bytes, which should be UTF-8 but need not: no byte is lost or replaced.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="special">Whether added tokens are matched.</param>
    /// <param name="destination">The ids are added here.</param>
    public void Encode(ReadOnlySpan<byte> utf8, SpecialTokens special, List<int> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Workspace workspace = _workspaces.Rent();
        Encode(utf8, special, workspace, destination);
        _workspaces.Return(workspace);
    }

    /// <summary>The control or user-defined token with exactly this text.</summary>
    public bool TryGetAddedToken(string text, out int id)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _added.TryGet(text, out id);
    }

    /// <summary>What a token is for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public TokenKind GetKind(int id) => _vocabulary.GetKind(Check(id));

    /// <summary>The bytes a token stands for, not always whole characters. Added tokens: their text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public ReadOnlySpan<byte> GetBytes(int id) => _vocabulary.GetBytes(Check(id));

    /// <summary>
    /// The text of tokens, added ones included. Bytes that are not UTF-8 become U+FFFD, as <see cref="Encoding.UTF8"/>
    /// does it; a character that the last token leaves unfinished does too (<see cref="TokenDecoder"/> waits for it).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        int length = 0;
        foreach (int id in ids)
        {
            length += GetBytes(id).Length;
        }

        byte[] utf8 = ArrayPool<byte>.Shared.Rent(length);
        int written = 0;
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> bytes = GetBytes(id);
            bytes.CopyTo(utf8.AsSpan(written));
            written += bytes.Length;
        }

        string text = Encoding.UTF8.GetString(utf8, 0, length);
        ArrayPool<byte>.Shared.Return(utf8);
        return text;
    }

    private void Encode(ReadOnlySpan<byte> utf8, SpecialTokens special, Workspace workspace, List<int> destination)
    {
        // What lies between added tokens is split and merged as if it stood alone.
        while (special == SpecialTokens.All && _added.TryFindFirst(utf8, out int start, out int length, out int id))
        {
            EncodeText(utf8[..start], workspace, destination);
            destination.Add(id);
            utf8 = utf8[(start + length)..];
        }

        EncodeText(utf8, workspace, destination);
    }

    private void EncodeText(ReadOnlySpan<byte> utf8, Workspace workspace, List<int> destination)
    {
        var pieces = new PreTokenScanner(utf8);
        while (pieces.MoveNext())
        {
            _encoder.Encode(pieces.Current, workspace.Cache, destination);
        }
    }

    private int Check(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, VocabularySize);
        return id;
    }

    private int[] FindEndTokens()
    {
        var ids = new SortedSet<int>();
        foreach (string text in s_endTexts)
        {
            if (_added.TryGet(text, out int id))
            {
                ids.Add(id);
            }
        }

        if (EosToken is { } eos)
        {
            ids.Add(eos);
        }

        return [.. ids];
    }
}
