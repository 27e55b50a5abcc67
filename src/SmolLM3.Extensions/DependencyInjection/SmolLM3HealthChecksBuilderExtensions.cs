using Microsoft.Extensions.Diagnostics.HealthChecks;
using SmolLM3.Extensions.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a health check of SmolLM3.</summary>
public static class SmolLM3HealthChecksBuilderExtensions
{
    /// <summary>Adds a check of the client that <c>AddSmolLM3</c> or <c>AddKeyedSmolLM3</c> added. It loads nothing and
    /// waits for nothing.</summary>
    /// <remarks>Healthy: the model is loaded, or nobody asked for it yet and the first request will load it. Degraded:
    /// it is being loaded, or the queue is full and requests are refused. <paramref name="failureStatus"/>: it could not
    /// be loaded, the options are wrong, or the client is disposed. The result's data says <c>state</c> (<c>idle</c>,
    /// <c>loading</c>, <c>ready</c>, <c>overloaded</c>, <c>failed</c>) and, of a loaded model, <c>running</c>,
    /// <c>waiting</c>, <c>free_tokens</c> and <c>capacity_tokens</c>.</remarks>
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
