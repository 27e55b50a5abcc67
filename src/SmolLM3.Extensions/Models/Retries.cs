using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.Models;

/// <summary>Tries again what may go better, later and later. Safe for concurrent use.</summary>
/// <param name="settings">How long.</param>
/// <param name="logger">Told of every pause.</param>
/// <param name="progress">A number that grows while something comes, of this attempt or another: then the time in which
/// nothing did begins anew.</param>
internal sealed class Retries(HubSettings settings, ILogger logger, Func<long> progress)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(0.5);

    private readonly long _start = progress();

    /// <param name="attempt">One attempt.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        (long seen, long since) = (progress(), settings.Time.GetTimestamp());
        for (int failures = 0; ;)
        {
            long before = progress();
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (ModelDownloadException error) when (error.IsTransient)
            {
                long now = progress();
                failures = now > before ? 1 : failures + 1;
                if (now > seen)
                {
                    (seen, since) = (now, settings.Time.GetTimestamp());
                }

                TimeSpan? asked = error.RetryAfter > TimeSpan.Zero ? error.RetryAfter : null;
                TimeSpan patience = now > _start || asked is not null ? settings.Patience : settings.FirstPatience;
                TimeSpan pause = asked ?? Pause(failures);

                // Alone, one that took long to fail says little.
                bool isLast = settings.Time.GetElapsedTime(since) + pause > patience;
                if (isLast && (failures > 1 || asked is not null))
                {
                    throw;
                }

                logger.TryingAgain(Math.Round(pause.TotalSeconds, 1), failures, error.Message);
                await Task.Delay(pause, settings.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Spread, so that many who were cut at once do not come back at once.</summary>
    private TimeSpan Pause(int failures)
    {
        TimeSpan pause = s_firstPause * Math.Pow(2, Math.Min(failures - 1, 16));
        return (pause < settings.LongestPause ? pause : settings.LongestPause) * (1 - (Random.Shared.NextDouble() / 4));
    }
}
