namespace SmolLM3.Extensions.Generation;

/// <summary>Time stamps of a request.</summary>
/// <param name="arrived">When it came.</param>
internal sealed class RequestTimes(long arrived)
{
    /// <summary>When it came.</summary>
    public long Arrived { get; } = arrived;

    /// <summary>When it was first part of a step, or null.</summary>
    public long? Started { get; set; }

    /// <summary>When its first token came, or null.</summary>
    public long? Answered { get; set; }
}
