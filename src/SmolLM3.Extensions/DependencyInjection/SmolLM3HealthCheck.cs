using Microsoft.Extensions.Diagnostics.HealthChecks;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.DependencyInjection;

/// <summary>Says whether a client can answer. Loads nothing and waits for nothing.</summary>
/// <param name="find">Finds the client. What it throws becomes the check's result: thrown any earlier, it would take
/// the checks of all others with it.</param>
internal sealed class SmolLM3HealthCheck(Func<SmolLM3ChatClient> find) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check(find(), context.Registration.FailureStatus));

    private static HealthCheckResult Check(SmolLM3ChatClient client, HealthStatus failure)
    {
        if (client.IsDisposed)
        {
            return new(failure, "The client is disposed.", data: State("failed"));
        }

        return client.Loading switch
        {
            null or { IsCanceled: true } => HealthCheckResult.Healthy("The first request loads the model.", State("idle")),
            { IsCompletedSuccessfully: true } loaded => Check(loaded.Result),
            { IsCompleted: true } failed => new(
                failure,
                "The model could not be loaded; the next request tries again.",
                failed.Exception?.InnerException,
                State("failed")),
            _ => HealthCheckResult.Degraded(
                "The model is being downloaded or loaded; requests wait for it.", data: State("loading")),
        };
    }

    private static HealthCheckResult Check(LoadedModel model)
    {
        if (model.Load is not { } load)
        {
            return HealthCheckResult.Healthy("Ready.", State("ready"));
        }

        Dictionary<string, object> data = State(load.IsFull ? "overloaded" : "ready");
        data["running"] = load.Running;
        data["waiting"] = load.Waiting;
        data["free_tokens"] = load.FreeTokens;
        data["capacity_tokens"] = load.CapacityTokens;
        return load.IsFull
            ? HealthCheckResult.Degraded(
                $"{load.Running} requests run and {load.Waiting} wait: further ones are refused.", data: data)
            : HealthCheckResult.Healthy("Ready.", data);
    }

    private static Dictionary<string, object> State(string name) => new() { ["state"] = name };
}
