namespace SmolLM3.Cli.Chat;

/// <summary>Stops the answer that runs, and nothing else. Safe for concurrent use: a signal comes at any time.</summary>
internal sealed class AnswerStop
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _running;

    /// <summary>Stops the answer.</summary>
    /// <returns>False where none runs, or it was stopped already.</returns>
    public bool TryStop()
    {
        lock (_lock)
        {
            if (_running is null or { IsCancellationRequested: true })
            {
                return false;
            }

            _running.Cancel();
            return true;
        }
    }

    /// <summary>Runs an answer.</summary>
    /// <param name="answer">Takes the token that stops it.</param>
    /// <param name="cancellationToken">Stops it too, and the chat with it.</param>
    /// <returns>Whether it came to its end; false: it was stopped.</returns>
    public async Task<bool> RunAsync(Func<CancellationToken, Task> answer, CancellationToken cancellationToken)
    {
        using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (_lock)
        {
            _running = running;
        }

        try
        {
            await answer(running.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            lock (_lock)
            {
                _running = null;
            }
        }
    }
}
