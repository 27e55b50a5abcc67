using System.Text;
using System.Text.Json.Nodes;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class HuggingFaceTokenizerTests
{
    private const string Rule = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        + @"|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_splits_and_merges_as_the_same_tokenizer_in_a_gguf(bool mergesArePairs)
    {
        using var file = GgufFile.Open(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf"));
        Tokenizer expected = Tokenizer.FromGguf(file);
        Tokenizer actual = Read(ToJson(file.Metadata, mergesArePairs));

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
            Added(258, "<|im_end|>", special: false), Added(259, "<think>", special: false), Added(261, "[X]", special: true));

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

    private static JsonObject ToJson(GgufMetadata metadata, bool mergesArePairs)
    {
        string[] tokens = metadata.GetStringArray(TokenizerData.TokensKey).ToArray();
        long[] kinds = metadata.GetInt64Array(TokenizerData.KindsKey);
        JsonObject vocabulary = [];
        JsonArray added = [];
        for (int id = 0; id < tokens.Length; id++)
        {
            switch ((TokenKind)kinds[id])
            {
                case TokenKind.Control:
                    added.Add(Added(id, tokens[id], special: true));
                    break;
                case TokenKind.UserDefined:
                    added.Add(Added(id, tokens[id], special: false));
                    break;
                default:
                    vocabulary[tokens[id]] = id;
                    break;
            }
        }

        IEnumerable<JsonNode> merges = metadata.GetStringArray(TokenizerData.MergesKey).ToArray().Select(merge =>
            mergesArePairs
                ? (JsonNode)new JsonArray([.. merge.Split(' ').Select(part => JsonValue.Create(part))])
                : JsonValue.Create(merge));
        return Json(vocabulary, [.. merges], added);
    }

    /// <summary>All bytes, and one merge: "a b".</summary>
    private static JsonObject Small()
    {
        JsonObject vocabulary = [];
        for (int value = 0; value < 256; value++)
        {
            vocabulary[ByteAlphabet.ToChar((byte)value).ToString()] = value;
        }

        vocabulary["ab"] = 256;
        return Json(vocabulary, [JsonValue.Create("a b")], []);
    }

    private static JsonObject Json(JsonObject vocabulary, JsonNode[] merges, JsonArray added) => new()
    {
        ["added_tokens"] = added,
        ["normalizer"] = null,
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Sequence",
            ["pretokenizers"] = new JsonArray(
                new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Rule } },
                new JsonObject { ["type"] = "ByteLevel", ["use_regex"] = false }),
        },
        ["model"] = new JsonObject
        {
            ["type"] = "BPE", ["ignore_merges"] = false, ["vocab"] = vocabulary, ["merges"] = new JsonArray(merges),
        },
    };

    private static JsonObject Added(int id, string content, bool special) =>
        new() { ["id"] = id, ["content"] = content, ["special"] = special };
}
