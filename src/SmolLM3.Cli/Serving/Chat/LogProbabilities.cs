using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Log-probabilities in OpenAI's form, which the client's is but for the bytes.</summary>
internal static class LogProbabilities
{
    /// <summary>Those of an answer or a part of it; null where none are wanted.</summary>
    /// <param name="properties">What came along with it.</param>
    /// <param name="top">How many of the likeliest tokens are wanted, or null.</param>
    public static JsonObject? Of(AdditionalPropertiesDictionary? properties, int? top) => top is not { } count ? null : new()
    {
        ["content"] = new JsonArray([.. TokensOf(properties).Select(token => ToJson(token, count))]),
        ["refusal"] = null,
    };

    /// <summary>The client's own list.</summary>
    public static IEnumerable<JsonElement> TokensOf(AdditionalPropertiesDictionary? properties) =>
        properties?.TryGetValue("top_logprobs", out object? value) == true && value is JsonElement list
            ? list.EnumerateArray() : [];

    private static JsonObject ToJson(JsonElement token, int top)
    {
        JsonObject json = WithBytes(token);
        json["top_logprobs"] = new JsonArray(
            [.. token.GetProperty("top_logprobs").EnumerateArray().Take(top).Select(JsonNode (rival) => WithBytes(rival))]);
        return json;
    }

    // A token may be a part of a character; its bytes are not known here then, and OpenAI has null for that.
    private static JsonObject WithBytes(JsonElement token)
    {
        string text = token.GetProperty("token").GetString()!;
        JsonObject json = JsonObject.Create(token)!;
        json["bytes"] = text.Contains('\uFFFD') ? null
            : new JsonArray([.. Encoding.UTF8.GetBytes(text).Select(b => JsonValue.Create((int)b))]);
        return json;
    }
}
