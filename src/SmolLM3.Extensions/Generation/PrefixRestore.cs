namespace SmolLM3.Extensions.Generation;

/// <summary>A request to put keys and values that were saved back into the engine.</summary>
/// <param name="tokens">The tokens they belong to; not changed afterwards.</param>
/// <param name="state">What the engine wrote for them, all of it in memory.</param>
/// <param name="cancellationToken">Ends the request while it waits.</param>
internal sealed class PrefixRestore(List<int> tokens, Stream state, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether there was room for them. Fails with what the engine or the end of the loop threw.</summary>
    public Task<bool> Ended => _ended.Task;

    /// <summary>Does it. Loop thread only.</summary>
    public void Run(PrefixCache prefixes)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _ended.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            _ended.SetResult(prefixes.TryRestore(tokens, state));
        }
        catch (Exception error)
        {
            _ended.SetException(error);
        }
    }

    /// <summary>Ends it undone. Loop thread only.</summary>
    public void Fail(Exception error) => _ended.SetException(error);
}
