using System.Text.Json.Nodes;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

/// <summary>Makes a <c>tokenizer.json</c>.</summary>
internal static class TokenizerJson
{
    private const string Rule = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        + @"|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Of the tokenizer of a GGUF file.</summary>
    public static JsonObject From(GgufMetadata metadata, bool mergesArePairs)
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
        return Make(vocabulary, [.. merges], added);
    }

    public static JsonObject Make(JsonObject vocabulary, JsonNode[] merges, JsonArray added) => new()
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

    public static JsonObject Added(int id, string content, bool special) =>
        new() { ["id"] = id, ["content"] = content, ["special"] = special };
}
