using Microsoft.Extensions.Diagnostics.HealthChecks;
using SmolLM3.Extensions.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a health check of SmolLM3.</summary>
public static class SmolLM3HealthChecksBuilderExtensions
{
    /// <summary>Adds a check of the client that <c>AddSmolLM3</c> or <c>AddKeyedSmolLM3</c> added. It loads nothing, and
    /// waits for nothing but servers that failed.</summary>
    /// <remarks>Healthy: the model is loaded, or nobody asked for it yet and the first request will load it. Degraded:
    /// it is being loaded, the queue is full and requests are refused, or of several servers that run it some fail.
    /// <paramref name="failureStatus"/>: it could not be loaded, all servers fail, the options are wrong, or the client is
    /// disposed. A server that failed the last request is asked again by the check. The result's data says <c>state</c>
    /// (<c>idle</c>, <c>loading</c>, <c>ready</c>, <c>overloaded</c>, <c>degraded</c>, <c>unreachable</c>, <c>failed</c>)
    /// and, of a model in this process, <c>running</c>, <c>waiting</c>, <c>free_tokens</c> and <c>capacity_tokens</c>; of
    /// one on servers <c>servers</c> and <c>failing_servers</c>.</remarks>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">Name of the check.</param>
    /// <param name="serviceKey">Key of the client; null: the one without a key.</param>
    /// <param name="failureStatus">What a failure is; null: <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags, such as <c>ready</c>.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddSmolLM3(
        this IHealthChecksBuilder builder,
        string name = "smollm3",
        object? serviceKey = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new SmolLM3HealthCheck(() => SmolLM3Registration.Find(provider, serviceKey)),
            failureStatus,
            tags));
    }
}
