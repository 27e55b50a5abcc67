using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class TokenizerLoadingTests
{
    [Fact]
    public void A_file_gives_its_tokenizer_and_may_be_closed()
    {
        var vocabulary = new TestVocabulary();
        Tokenizer tokenizer;
        TokenizerData data = vocabulary.Data with { Bos = vocabulary["<|begin_of_text|>"], Eos = 5, Padding = 6 };
        using (GgufFile file = Write(data))
        {
            tokenizer = Tokenizer.FromGguf(file);
        }

        Assert.Equal(vocabulary["<|begin_of_text|>"], tokenizer.BosToken);
        Assert.Equal(5, tokenizer.EosToken);
        Assert.Equal(6, tokenizer.PaddingToken);
        Assert.Equal([5, vocabulary["<|end_of_text|>"], vocabulary["<|im_end|>"]], tokenizer.EndTokens);
        Assert.Equal([vocabulary["hello"], vocabulary["Ġworld"]], tokenizer.Encode("hello world"));
        Assert.Equal(vocabulary.Data.Tokens.Count, tokenizer.VocabularySize);
        Assert.Equal(TokenKind.UserDefined, tokenizer.GetKind(vocabulary["<think>"]));
        Assert.True(tokenizer.TryGetAddedToken("<|im_start|>", out int start));
        Assert.Equal(vocabulary["<|im_start|>"], start);
        Assert.False(tokenizer.TryGetAddedToken("hello", out _));
    }

    [Fact]
    public void A_beginning_of_text_is_never_added()
    {
        var vocabulary = new TestVocabulary();
        using GgufFile file = Write(vocabulary.Data with { Bos = vocabulary["<|begin_of_text|>"] }, addBos: true);

        Assert.Equal([vocabulary["hello"]], Tokenizer.FromGguf(file).Encode("hello", SpecialTokens.All));
    }

    [Fact]
    public void What_is_not_said_is_null()
    {
        Tokenizer tokenizer = new TestVocabulary(added: []).Tokenizer;

        Assert.Null(tokenizer.BosToken);
        Assert.Null(tokenizer.EosToken);
        Assert.Null(tokenizer.PaddingToken);
        Assert.Empty(tokenizer.EndTokens);
    }

    [Fact]
    public void Without_kinds_all_tokens_are_ordinary()
    {
        var tokenizer = new Tokenizer(new TestVocabulary().Data with { Kinds = null });

        Assert.False(tokenizer.TryGetAddedToken("<think>", out _));
        Assert.Equal(TokenKind.Normal, tokenizer.GetKind(tokenizer.VocabularySize - 1));
    }

    [Fact]
    public void A_token_written_in_another_alphabet_keeps_its_text()
    {
        TestVocabulary vocabulary = new();
        vocabulary.Add("a word 漢", TokenKind.Normal).Add("Ġ", TokenKind.Control);
        Tokenizer tokenizer = vocabulary.Tokenizer;

        Assert.Equal("a word 漢", tokenizer.Decode([vocabulary["a word 漢"]]));
        Assert.Equal("Ġ", tokenizer.Decode([tokenizer.VocabularySize - 1]));
        Assert.Equal(" ", tokenizer.Decode(tokenizer.Encode(" ")));
    }

    [Theory]
    [InlineData("llama", "smaug-bpe", "'llama'")]
    [InlineData(null, "smaug-bpe", "not given")]
    [InlineData("gpt2", "qwen2", "'qwen2'")]
    [InlineData("gpt2", null, "not given")]
    public void Another_tokenizer_is_named_with_what_is_supported(string? model, string? pre, string named)
    {
        TokenizerData data = new TestVocabulary().Data with { Model = model, PreTokenizer = pre };

        string message = Assert.Throws<UnsupportedModelException>(() => new Tokenizer(data)).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Contains("'smaug-bpe' (SmolLM3) or 'llama-bpe' (Llama 3)", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("z zz", "Merge 0 of tokenizer.ggml.merges, 'z zz', needs the token 'zz'")]
    [InlineData("z y", "needs the token 'zy'")]
    [InlineData("zy", "is not two tokens")]
    [InlineData("z ", "is not two tokens")]
    [InlineData(" z", "is not two tokens")]
    [InlineData("z 漢", "outside the byte alphabet")]
    [InlineData("z y x", "outside the byte alphabet")]
    public void A_wrong_merge_is_named(string merge, string problem)
        => AssertRefused(new TestVocabulary().Data with { Merges = GgufStringArray.Create([merge]) }, problem);

    [Fact]
    public void A_vocabulary_that_contradicts_itself_is_refused()
    {
        TokenizerData data = new TestVocabulary().Data;
        int count = data.Tokens.Count;

        AssertRefused(data with { Kinds = new long[3] }, $"has {count} entries, but tokenizer.ggml.token_type has 3");
        AssertRefused(data with { Kinds = [.. Enumerable.Repeat(9L, count)] }, "says 9 for token 0");
        AssertRefused(data with { Bos = count }, $"bos_token_id is {count}, but the vocabulary has {count} tokens");
        AssertRefused(data with { Eos = -1 }, "eos_token_id is -1");
        AssertRefused(data with { Padding = long.MaxValue }, "padding_token_id is");
        AssertRefused(data with { Tokens = GgufStringArray.Create(["a"]), Kinds = null }, "no token for the byte 0x00");
    }

    [Fact]
    public void A_missing_key_is_named()
    {
        using GgufFile file = Load(new GgufWriter().Set(TokenizerData.ModelKey, "gpt2"));

        Assert.Contains(
            TokenizerData.TokensKey,
            Assert.Throws<GgufFormatException>(() => Tokenizer.FromGguf(file)).Message,
            StringComparison.Ordinal);
    }

    private static void AssertRefused(TokenizerData data, string problem)
    {
        string message = Assert.Throws<GgufFormatException>(() => new Tokenizer(data)).Message;
        Assert.Contains(problem, message, StringComparison.Ordinal);
    }

    private static GgufFile Write(TokenizerData data, bool addBos = false)
    {
        GgufWriter writer = new GgufWriter()
            .Set(TokenizerData.ModelKey, data.Model!)
            .Set(TokenizerData.PreTokenizerKey, data.PreTokenizer!)
            .Set(TokenizerData.TokensKey, data.Tokens)
            .Set(TokenizerData.KindsKey, data.Kinds!.Select(kind => (int)kind).ToArray())
            .Set(TokenizerData.MergesKey, data.Merges)
            .Set("tokenizer.ggml.bos_token_id", (uint)data.Bos!)
            .Set("tokenizer.ggml.add_bos_token", addBos);
        if (data.Eos is { } eos && data.Padding is { } padding)
        {
            writer.Set("tokenizer.ggml.eos_token_id", (uint)eos).Set("tokenizer.ggml.padding_token_id", (uint)padding);
        }

        return Load(writer);
    }

    private static GgufFile Load(GgufWriter writer)
    {
        var stream = new MemoryStream();
        writer.Write(stream);
        stream.Position = 0;
        return GgufFile.Load(stream);
    }
}
