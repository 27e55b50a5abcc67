using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>Where work beside requests waits for the loop.</summary>
internal sealed class LoopWorkQueue
{
    private readonly Inbox<LoopWork> _inbox = new();
    private LoopWork? _next;

    /// <summary>Adds work. Any thread.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Add(LoopWork work) => _inbox.Add(work);

    /// <summary>Takes the oldest out, to be done by the next <see cref="Run"/>. Loop thread only.</summary>
    public void Take()
    {
        if (_next is null)
        {
            _inbox.TryTake(out _next);
        }
    }

    /// <summary>Does what was taken out. Loop thread only.</summary>
    /// <returns>False when there was nothing.</returns>
    public bool Run(IInferenceEngine engine, PrefixCache prefixes)
    {
        LoopWork? work = _next;
        _next = null;
        work?.Run(engine, prefixes);
        return work is not null;
    }

    /// <summary>Ends all undone and takes no more. Loop thread only.</summary>
    public void Close(Exception error)
    {
        _inbox.Close();
        for (Take(); _next is not null; Take())
        {
            _next.Fail(error);
            _next = null;
        }
    }
}
