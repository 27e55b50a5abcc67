using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using SmolLM3.Cli.Serving.Access;
using SmolLM3.Cli.Serving.Errors;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Serving.Models;

/// <summary><c>POST /tokenize</c> and <c>GET /version</c>, as vLLM has them: by these a client that sends token ids sees
/// that its tokenizer is the model's.</summary>
internal static class TokenizeEndpoint
{
    private static readonly string s_version = typeof(TokenizeEndpoint).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/tokenize", TokenizeAsync)
            .WithMetadata(NeedsKey.Instance)
            .RequireRateLimiting(RequestRate.Policy);
        app.MapGet("/version", (HttpContext context) => JsonBody.WriteAsync(
            context, new JsonObject { ["version"] = s_version })).WithMetadata(NeedsKey.Instance);
    }

    private static async Task TokenizeAsync(HttpContext context, IChatClient client, ServedModel model)
    {
        model.ThrowIfNotReady();
        JsonFields body = new(await JsonBody.ReadAsync(context.Request));
        if (body.Text("model") is { } asked && asked != model.Id)
        {
            throw new ApiException(ApiError.UnknownModel(asked, model.Id));
        }

        int[] tokens = client.GetRequiredService<Tokenizer>().Encode(
            body.Text("prompt") ?? throw body.Wrong("prompt", "a string"));
        await JsonBody.WriteAsync(context, new JsonObject
        {
            ["count"] = tokens.Length,
            ["max_model_len"] = model.ContextLength,

            // One node, not one for each of what may be millions.
            ["tokens"] = JsonArray.Create(JsonSerializer.SerializeToElement(tokens)),
        });
    }
}
