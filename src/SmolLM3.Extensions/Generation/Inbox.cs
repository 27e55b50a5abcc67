using System.Diagnostics.CodeAnalysis;

namespace SmolLM3.Extensions.Generation;

/// <summary>Where requests wait for the loop to see them. Any thread may add; none is added after closing, so that who
/// empties it then has seen them all.</summary>
/// <typeparam name="T">What is asked for.</typeparam>
internal sealed class Inbox<T>
{
    private readonly Lock _lock = new();
    private readonly Queue<T> _requests = [];
    private bool _isClosed;

    /// <summary>Adds a request.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Add(T request)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(LocalGenerator));
            _requests.Enqueue(request);
        }
    }

    /// <summary>Takes the oldest request.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T request)
    {
        lock (_lock)
        {
            return _requests.TryDequeue(out request);
        }
    }

    /// <summary>Refuses requests from now on; those in it stay.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
        }
    }
}
