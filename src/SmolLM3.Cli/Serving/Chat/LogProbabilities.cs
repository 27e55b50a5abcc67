using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Log-probabilities in OpenAI's form, which is the client's.</summary>
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
        JsonObject json = JsonObject.Create(token)!;
        json["top_logprobs"] = new JsonArray([.. token.GetProperty("top_logprobs").EnumerateArray().Take(top)
            .Select(rival => JsonObject.Create(rival))]);
        return json;
    }
}
