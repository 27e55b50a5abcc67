using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>Work on the engine beside requests, done on the loop thread between two steps.</summary>
internal abstract class LoopWork
{
    /// <summary>Does it. Loop thread only.</summary>
    public abstract void Run(IInferenceEngine engine, PrefixCache prefixes);

    /// <summary>Ends it undone. Loop thread only.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>Work that gives something.</summary>
/// <param name="work">The work; it leaves the slots of those who run alone.</param>
/// <param name="cancellationToken">Ends it while it waits.</param>
internal sealed class LoopWork<T>(Func<IInferenceEngine, PrefixCache, T> work, CancellationToken cancellationToken)
    : LoopWork
{
    private readonly TaskCompletionSource<T> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What it gave. Fails with what it or the end of the loop threw.</summary>
    public Task<T> Ended => _ended.Task;

    /// <inheritdoc/>
    public override void Run(IInferenceEngine engine, PrefixCache prefixes)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _ended.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            _ended.SetResult(work(engine, prefixes));
        }
        catch (Exception error)
        {
            _ended.SetException(error);
        }
    }

    /// <inheritdoc/>
    public override void Fail(Exception error) => _ended.SetException(error);
}
