using Microsoft.AspNetCore.Http;
using SmolLM3.Cli.Serving.Errors;

namespace SmolLM3.Cli.Serving.Access;

/// <summary>Refuses requests without a key, where the endpoint needs one.</summary>
internal sealed class ApiKeyMiddleware(ApiKeys keys) : IMiddleware
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (keys.AreNeeded && context.GetEndpoint()?.Metadata.GetMetadata<NeedsKey>() is not null)
        {
            string header = context.Request.Headers.Authorization.ToString();
            int key = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
                ? keys.Find(header[Scheme.Length..].Trim()) : -1;
            if (key < 0)
            {
                throw new ApiException(ApiError.NoKey);
            }

            context.Features.Set(new ApiClient($"key {key}"));
        }

        return next(context);
    }
}
