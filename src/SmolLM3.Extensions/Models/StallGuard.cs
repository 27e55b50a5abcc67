namespace SmolLM3.Extensions.Models;

/// <summary>Network work that ends when nothing comes for too long, and whose errors say what that means.</summary>
internal sealed class StallGuard : IDisposable
{
    private readonly HubSettings _settings;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _stall;
    private readonly CancellationTokenSource _either;

    public StallGuard(HubSettings settings, CancellationToken caller)
    {
        (_settings, _caller) = (settings, caller);
        _stall = new(settings.StallTimeout, settings.Time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_stall.Token, caller);
    }

    /// <summary>Does some of the work; when it is done, the time begins anew.</summary>
    /// <exception cref="ModelDownloadException">The connection failed or stalled.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            T result = await work(_either.Token).ConfigureAwait(false);
            _stall.CancelAfter(_settings.StallTimeout);
            return result;
        }
        catch (OperationCanceledException) when (!_caller.IsCancellationRequested)
        {
            throw ModelDownloadException.NotReachable(
                _settings.Endpoint, $"nothing came for {_settings.StallTimeout.TotalSeconds:0} seconds.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException and not ModelDownloadException)
        {
            string reason = e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;
            throw ModelDownloadException.NotReachable(_settings.Endpoint, reason.TrimEnd('.') + ".", e);
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _stall.Dispose();
    }
}
