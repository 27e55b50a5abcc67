using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Hosting;

/// <summary>Loads the model when the host starts, where <see cref="SmolLM3Options.WarmUp"/> asks for it, and says so in
/// the log.</summary>
/// <param name="isWanted">Reads the option.</param>
/// <param name="client">Makes the client.</param>
/// <param name="logger">Told that it begins and, while it takes long, that it goes on; the loader tells of the end.</param>
/// <param name="time">Measures.</param>
internal sealed class WarmUpService(
    Func<bool> isWanted, Func<SmolLM3ChatClient> client, ILogger logger, TimeProvider time) : IHostedService
{
    // Seldom enough for a log, often enough for somebody who waits.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    /// <exception cref="ModelNotFoundException">The model file is not there; the host does not start.</exception>
    /// <exception cref="ModelDownloadException">It could not be downloaded; the host does not start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!isWanted())
        {
            return;
        }

        SmolLM3ChatClient warming = client();
        string model = warming.GetRequiredService<ChatClientMetadata>().DefaultModelId!;
        logger.WarmUpBegins(model);
        long start = time.GetTimestamp();
        Task loading = warming.LoadAsync(cancellationToken);
        while (!await EndsSoonAsync(loading).ConfigureAwait(false))
        {
            logger.WarmUpGoesOn(model, (long)time.GetElapsedTime(start).TotalSeconds);
        }

        await loading.ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> EndsSoonAsync(Task loading)
    {
        await loading.WaitAsync(s_interval, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return loading.IsCompleted;
    }
}
