using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Models;

/// <summary>Tries again what may go better, later and later.</summary>
internal sealed class Retries(HubSettings settings, ILogger logger)
{
    /// <summary>What a person still waits for; a server that asks for more fails the attempt.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(0.5);

    /// <param name="attempt">One attempt.</param>
    /// <param name="progress">A number that grows while something comes of it: then failures are counted anew.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<T> RunAsync<T>(
        Func<Task<T>> attempt, Func<long> progress, CancellationToken cancellationToken)
    {
        for (int failures = 0; ;)
        {
            long before = progress();
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (ModelDownloadException error) when (error.IsTransient && !(error.RetryAfter > s_longest))
            {
                failures = progress() > before ? 1 : failures + 1;
                if (failures >= settings.MostFailures)
                {
                    throw;
                }

                // Spread, so that many who were cut at once do not come back at once.
                TimeSpan delay = error.RetryAfter is { } asked && asked > TimeSpan.Zero
                    ? asked
                    : s_first * Math.Pow(2, failures - 1) * (1 + (Random.Shared.NextDouble() / 4));
                logger.TryingAgain(Math.Round(delay.TotalSeconds, 1), failures, error.Message);
                await Task.Delay(delay, settings.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
