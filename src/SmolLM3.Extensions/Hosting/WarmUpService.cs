using Microsoft.Extensions.Hosting;

namespace SmolLM3.Extensions.Hosting;

/// <summary>Loads the model when the host starts, where <see cref="SmolLM3Options.WarmUp"/> asks for it.</summary>
/// <param name="isWanted">Reads the option.</param>
/// <param name="client">Makes the client.</param>
internal sealed class WarmUpService(Func<bool> isWanted, Func<SmolLM3ChatClient> client) : IHostedService
{
    /// <exception cref="ModelNotFoundException">The model file is not there; the host does not start.</exception>
    public Task StartAsync(CancellationToken cancellationToken) =>
        isWanted() ? client().LoadAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
