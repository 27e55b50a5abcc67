using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SmolLM3.Cli.Serving.Models;

/// <summary><c>/health</c>: whether requests are answered, for load balancers. Needs no key and tells no names.</summary>
internal static class HealthEndpoint
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/health", TellAsync);

    private static async Task TellAsync(HttpContext context, HealthCheckService checks)
    {
        HealthReport report = await checks.CheckHealthAsync(context.RequestAborted);
        IReadOnlyDictionary<string, object> data = report.Entries.Values.Single().Data;
        bool answers = data.TryGetValue("state", out object? state) && state is "ready" or "overloaded";
        var body = new JsonObject { ["status"] = answers ? "ok" : "unavailable" };
        foreach ((string name, object value) in data)
        {
            body[name] = JsonSerializer.SerializeToNode(value);
        }

        context.Response.StatusCode = answers ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        await JsonBody.WriteAsync(context, body);
    }
}
