namespace SmolLM3.Cli.Serving;

/// <summary>Ends the answers that are still being written some time after the server is told to stop. Safe for
/// concurrent use.</summary>
internal sealed class Shutdown(ServerSettings settings, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private ITimer? _timer;

    /// <summary>Cancelled when answers must end.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Gives the answers their time.</summary>
    public void Begin() =>
        _timer ??= time.CreateTimer(_ => EndNow(), null, settings.ShutdownTimeout, Timeout.InfiniteTimeSpan);

    /// <summary>Ends the answers.</summary>
    public void EndNow() => _end.Cancel();

    public void Dispose()
    {
        _timer?.Dispose();
        _end.Dispose();
    }
}
