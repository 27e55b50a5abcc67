using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using SmolLM3.Cli.Serving.Chat;

namespace SmolLM3.Cli.Serving.Completions;

/// <summary>Completions in OpenAI's old form, for which Microsoft.Extensions.AI.OpenAI has no conversion.</summary>
/// <param name="request">What was asked.</param>
/// <param name="model">Name of the model.</param>
/// <param name="created">When.</param>
internal sealed class CompletionJson(CompletionRequest request, string model, DateTimeOffset created)
{
    private readonly string _id = "cmpl-" + Guid.NewGuid().ToString("N");

    /// <summary>A whole completion, or a part of one.</summary>
    public JsonObject Of(IEnumerable<JsonObject> choices, JsonObject? usage)
    {
        JsonObject json = new()
        {
            ["id"] = _id,
            ["object"] = "text_completion",
            ["created"] = created.ToUnixTimeSeconds(),
            ["model"] = model,
            ["choices"] = new JsonArray([.. choices]),
        };
        if (usage is not null || request.TellsUsage)
        {
            json["usage"] = usage;
        }

        return json;
    }

    public JsonObject Choice(
        int index, string text, ChatFinishReason? reason, AdditionalPropertiesDictionary? properties) => new()
    {
        ["index"] = index,
        ["text"] = text,
        ["logprobs"] = ToLists(properties),
        ["finish_reason"] = reason?.Value,
    };

    private JsonObject? ToLists(AdditionalPropertiesDictionary? properties)
    {
        if (request.TopLogProbabilities is not { } top)
        {
            return null;
        }

        JsonElement[] tokens = [.. LogProbabilities.TokensOf(properties)];
        return new()
        {
            ["tokens"] = new JsonArray([.. tokens.Select(JsonNode? (token) => TextOf(token))]),
            ["token_logprobs"] = new JsonArray([.. tokens.Select(JsonNode? (token) => ValueOf(token))]),
            ["top_logprobs"] = new JsonArray([.. tokens.Select(JsonNode? (token) => ToObject(token, top))]),
        };
    }

    // Two tokens may look alike, as parts of characters do: the likelier comes first, and stays.
    private static JsonObject ToObject(JsonElement token, int top)
    {
        JsonObject json = [];
        foreach (JsonElement rival in token.GetProperty("top_logprobs").EnumerateArray().Take(top))
        {
            json.TryAdd(TextOf(rival), ValueOf(rival));
        }

        return json;
    }

    private static string TextOf(JsonElement token) => token.GetProperty("token").GetString()!;

    private static double ValueOf(JsonElement token) => token.GetProperty("logprob").GetDouble();
}
