using System.Text.Json.Nodes;

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
}
