namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>Ends a request whose server is silent for too long: before its first token, and then between tokens.</summary>
internal sealed class SilenceTimer : IDisposable
{
    private readonly TimeSpan _first;
    private readonly TimeSpan _further;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;
    private bool _hasSpoken;

    /// <summary>Starts it.</summary>
    /// <param name="first">Longest wait for the first token.</param>
    /// <param name="further">Longest wait for a further one.</param>
    /// <param name="time">What tells the time.</param>
    /// <param name="caller">Cancelled when the caller gives up.</param>
    public SilenceTimer(TimeSpan first, TimeSpan further, TimeProvider time, CancellationToken caller)
    {
        (_first, _further, _caller) = (first, further, caller);
        _timer = new CancellationTokenSource(first, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
    }

    /// <summary>Cancelled when either is over.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether it was the server's silence.</summary>
    public bool IsOver => _timer.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>The server said something.</summary>
    public void Restart()
    {
        _hasSpoken = true;
        _timer.CancelAfter(_further);
    }

    /// <summary>Says what happened.</summary>
    public ServerException ToException(Uri endpoint) => _hasSpoken
        ? ServerErrors.Silent(endpoint, _further, nameof(ServerOptions.StallTimeout))
        : ServerErrors.Silent(endpoint, _first, nameof(ServerOptions.FirstTokenTimeout));

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
