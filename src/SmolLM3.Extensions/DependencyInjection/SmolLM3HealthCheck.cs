using Microsoft.Extensions.Diagnostics.HealthChecks;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.DependencyInjection;

/// <summary>Says whether a client can answer. Loads nothing, and waits for nothing but servers that failed.</summary>
/// <param name="find">Finds the client. What it throws becomes the check's result: thrown any earlier, it would take
/// the checks of all others with it.</param>
internal sealed class SmolLM3HealthCheck(Func<SmolLM3ChatClient> find) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        CheckAsync(find(), context.Registration.FailureStatus, cancellationToken);

    private static Task<HealthCheckResult> CheckAsync(
        SmolLM3ChatClient client, HealthStatus failure, CancellationToken cancellationToken) =>
        !client.IsDisposed && client.Loading is { IsCompletedSuccessfully: true, Result.CheckServersAsync: { } check }
            ? CheckAsync(check(cancellationToken), failure)
            : Task.FromResult(Check(client, failure));

    private static async Task<HealthCheckResult> CheckAsync(Task<ServerState[]> asked, HealthStatus failure)
    {
        ServerState[] all = await asked.ConfigureAwait(false);
        ServerState[] failing = [.. all.Where(server => server.Failure is not null)];
        string name = failing.Length == 0 ? "ready" : failing.Length < all.Length ? "degraded" : "unreachable";
        Dictionary<string, object> data = State(name);
        (data["servers"], data["failing_servers"]) = (all.Length, failing.Length);
        string described = failing.Length == 0 ? "Ready." : $"{failing.Length} of {all.Length} servers fail: "
            + string.Join(", ", failing.Select(server => server.Address)) + ".";
        return new HealthCheckResult(
            failing.Length == 0 ? HealthStatus.Healthy : failing.Length < all.Length ? HealthStatus.Degraded : failure,
            described,
            failing.FirstOrDefault()?.Failure,
            data);
    }

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
