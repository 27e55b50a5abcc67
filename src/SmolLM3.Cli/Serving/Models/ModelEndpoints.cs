using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SmolLM3.Cli.Serving.Access;
using SmolLM3.Cli.Serving.Errors;

namespace SmolLM3.Cli.Serving.Models;

/// <summary><c>/v1/models</c>: the one that is served.</summary>
internal static class ModelEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/models", (HttpContext context, ServedModel model) => JsonBody.WriteAsync(context, new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray(ToJson(model)),
        })).WithMetadata(NeedsKey.Instance);

        // A name may hold slashes, as owner/repository does; in a path they may be escaped, and stay so.
        app.MapGet("/v1/models/{**id}", (HttpContext context, ServedModel model, string id) =>
            id == model.Id || Uri.UnescapeDataString(id) == model.Id
            ? JsonBody.WriteAsync(context, ToJson(model))
            : throw new ApiException(ApiError.UnknownModel(id, model.Id)))
            .WithMetadata(NeedsKey.Instance);
    }

    // The last field is vLLM's name for it.
    private static JsonObject ToJson(ServedModel model) => new()
    {
        ["id"] = model.Id,
        ["object"] = "model",
        ["created"] = model.Created.ToUnixTimeSeconds(),
        ["owned_by"] = "smollm3",
        ["max_model_len"] = model.ContextLength,
    };
}
