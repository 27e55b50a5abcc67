using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using SmolLM3.Cli.Serving.Errors;

namespace SmolLM3.Cli.Serving.Access;

/// <summary>How many requests a minute one client may make.</summary>
internal static class RequestRate
{
    /// <summary>Name of the policy; endpoints that generate have it.</summary>
    public const string Policy = "requests";

    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    public static void Configure(RateLimiterOptions limiter, ServerSettings settings)
    {
        limiter.AddPolicy(Policy, context => settings.RequestsPerMinute is { } most
            ? RateLimitPartition.GetFixedWindowLimiter(Client(context), _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = most, Window = s_window,
            })
            : RateLimitPartition.GetNoLimiter(""));
        limiter.OnRejected = (rejected, _) => new ValueTask(JsonBody.WriteAsync(
            rejected.HttpContext,
            ApiError.TooManyRequests(settings.RequestsPerMinute!.Value, RetryAfter(rejected.Lease))));
    }

    private static string Client(HttpContext context) =>
        context.Features.Get<ApiClient>()?.Name ?? context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static int RetryAfter(RateLimitLease lease) =>
        lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait)
            ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
}
