namespace SmolLM3.Extensions;

/// <summary>Too many requests wait already; this one was refused at once, and nothing was computed. Try again later, or
/// allow more with <see cref="SmolLM3Options.MaxQueuedRequests"/>.</summary>
public sealed class SmolLM3OverloadedException : InvalidOperationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="requests">Requests in flight: computed and waiting.</param>
    /// <param name="maxRunning">Most requests computed at once.</param>
    /// <param name="maxQueued">Most requests that may wait beyond those.</param>
    public SmolLM3OverloadedException(int requests, int maxRunning, int maxQueued)
        : base($"{requests} requests are in flight: {maxRunning} are computed at once, and {maxQueued} more may wait. Try "
            + "again later, or raise SmolLM3Options.MaxQueuedRequests.")
    {
        Requests = requests;
        MaxRunning = maxRunning;
        MaxQueued = maxQueued;
    }

    /// <summary>Requests in flight: computed and waiting.</summary>
    public int Requests { get; }

    /// <summary>Most requests computed at once.</summary>
    public int MaxRunning { get; }

    /// <summary>Most requests that may wait beyond those.</summary>
    public int MaxQueued { get; }
}
