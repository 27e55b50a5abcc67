using System.Text;
using System.Text.Json.Nodes;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class HuggingFaceTokenizerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_splits_and_merges_as_the_same_tokenizer_in_a_gguf(bool mergesArePairs)
    {
        using var file = GgufFile.Open(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf"));
        Tokenizer expected = Tokenizer.FromGguf(file);
        Tokenizer actual = Read(TokenizerJson.From(file.Metadata, mergesArePairs));

        Assert.Equal(expected.VocabularySize, actual.VocabularySize);
        Assert.Equal(expected.EndTokens, actual.EndTokens);
        foreach (string text in (string[])
            ["Hello, world! It's 12345 o'clock.\n\n  Grüße 你好 🙂", "<think>\n<|im_end|>", "", "   x\r\n\t"])
        {
            Assert.Equal(expected.Encode(text), actual.Encode(text));
            Assert.Equal(expected.Encode(text, SpecialTokens.All), actual.Encode(text, SpecialTokens.All));
            Assert.Equal(text, actual.Decode(actual.Encode(text)));
        }

        Assert.All(
            Enumerable.Range(0, expected.VocabularySize),
            id => Assert.Equal(expected.GetBytes(id), actual.GetBytes(id)));
    }

    [Fact]
    public void Added_tokens_are_control_or_shown_and_gaps_are_unused()
    {
        JsonObject json = Small();
        json["added_tokens"] = new JsonArray(
            TokenizerJson.Added(258, "<|im_end|>", special: false),
            TokenizerJson.Added(259, "<think>", special: false),
            TokenizerJson.Added(261, "[X]", special: true));

        Tokenizer tokenizer = Read(json);

        Assert.Equal(262, tokenizer.VocabularySize);
        Assert.Equal(TokenKind.Control, tokenizer.GetKind(258));
        Assert.Equal(TokenKind.UserDefined, tokenizer.GetKind(259));
        Assert.Equal(TokenKind.Unused, tokenizer.GetKind(260));
        Assert.Equal(TokenKind.Control, tokenizer.GetKind(261));
        Assert.Equal([258], tokenizer.EndTokens);
        Assert.Null(tokenizer.EosToken);
    }

    [Fact]
    public void Whole_pieces_come_first_where_the_file_ignores_merges()
    {
        JsonObject json = Small();
        json["model"]!["vocab"]!["abc"] = 257;
        Assert.Equal(2, Read(json).Encode("abc").Length);

        json["model"]!["ignore_merges"] = true;
        Assert.Equal([257], Read(json).Encode("abc"));
    }

    [Theory]
    [InlineData("model.type", "\"Unigram\"", "not BPE")]
    [InlineData("normalizer", """{"type":"NFC"}""", "normalizes")]
    [InlineData("pre_tokenizer", """{"type":"ByteLevel","use_regex":true}""", "splitting rule")]
    public void Another_kind_of_tokenizer_is_refused(string place, string value, string problem)
    {
        JsonObject json = Small();
        JsonNode parent = place.StartsWith("model.", StringComparison.Ordinal) ? json["model"]! : json;
        parent[place.Split('.')[^1]] = JsonNode.Parse(value);

        var error = Assert.Throws<UnsupportedModelException>(() => Read(json));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"model":{}}""")]
    public void What_is_no_such_file_is_said_to_be_none(string text) =>
        Assert.Throws<InvalidDataException>(() => Tokenizer.FromHuggingFace(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    [Theory]
    [InlineData("missing byte")]
    [InlineData("unknown merge")]
    [InlineData("wild id")]
    public void A_damaged_file_is_refused(string damage)
    {
        JsonObject json = Small();
        JsonObject vocabulary = json["model"]!["vocab"]!.AsObject();
        switch (damage)
        {
            case "missing byte":
                vocabulary.Remove("!");
                break;
            case "unknown merge":
                json["model"]!["merges"] = new JsonArray("q z");
                break;
            default:
                vocabulary["!"] = int.MaxValue;
                break;
        }

        Assert.Throws<InvalidDataException>(() => Read(json));
    }

    private static Tokenizer Read(JsonObject json) =>
        Tokenizer.FromHuggingFace(new MemoryStream(Encoding.UTF8.GetBytes(json.ToJsonString())));

    /// <summary>All bytes, and one merge: "a b".</summary>
    private static JsonObject Small()
    {
        JsonObject vocabulary = [];
        for (int value = 0; value < 256; value++)
        {
            vocabulary[ByteAlphabet.ToChar((byte)value).ToString()] = value;
        }

        vocabulary["ab"] = 256;
        return TokenizerJson.Make(vocabulary, [JsonValue.Create("a b")], []);
    }
}
