using System.Text;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Tests.Chat;

/// <summary>Tokenizers to test with.</summary>
internal static class Vocabularies
{
    /// <summary>The tiny model's: trained merges and all of SmolLM3's special tokens.</summary>
    public static Tokenizer Tiny { get; } = Load();

    /// <summary>Bytes and a few merges that cross the edges of tags, with these added tokens only.</summary>
    public static Tokenizer With(params string[] added)
    {
        string[] merges = ["Ċ Ċ", "> Ċ", "> ĊĊ", "' <", "> '"];
        string[] tokens =
        [
            .. Enumerable.Range(0, 256).Select(value => ByteLetter(value).ToString()),
            .. merges.Select(merge => merge.Replace(" ", "")),
            .. added,
        ];
        using MemoryStream stream = new();
        new GgufWriter()
            .Set("general.architecture", "smollm3")
            .Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.pre", "smaug-bpe")
            .Set("tokenizer.ggml.tokens", tokens)
            .Set("tokenizer.ggml.token_type", tokens.Select(token => added.Contains(token) ? 3 : 1).ToArray())
            .Set("tokenizer.ggml.merges", merges)
            .Write(stream);
        stream.Position = 0;
        using GgufFile file = GgufFile.Load(stream);
        return Tokenizer.FromGguf(file);
    }

    public static int Id(this Tokenizer tokenizer, string added)
    {
        Assert.True(tokenizer.TryGetAddedToken(added, out int id), added);
        return id;
    }

    public static List<int> AddedIn(this Tokenizer tokenizer, IEnumerable<int> ids) =>
        [.. ids.Where(id => tokenizer.GetKind(id) is TokenKind.Control or TokenKind.UserDefined)];

    private static Tokenizer Load()
    {
        using GgufFile file = GgufFile.Open(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf"));
        return Tokenizer.FromGguf(file);
    }

    /// <summary>The letter byte-level vocabularies write for a byte: itself where it can be seen.</summary>
    private static char ByteLetter(int value)
    {
        static bool Seen(int b) => b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174;
        return (char)(Seen(value) ? value : 256 + Enumerable.Range(0, value).Count(b => !Seen(b)));
    }
}
