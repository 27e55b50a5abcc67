using System.Diagnostics.CodeAnalysis;

namespace SmolLM3.Extensions.Generation;

/// <summary>Where requests wait for the loop to see them. Any thread may add; none is added after closing, so that who
/// empties it then has seen them all.</summary>
internal sealed class Inbox
{
    private readonly Lock _lock = new();
    private readonly Queue<Sequence> _sequences = [];
    private bool _isClosed;

    /// <summary>Adds a sequence.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Add(Sequence sequence)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(LocalGenerator));
            _sequences.Enqueue(sequence);
        }
    }

    /// <summary>Takes the oldest sequence.</summary>
    public bool TryTake([MaybeNullWhen(false)] out Sequence sequence)
    {
        lock (_lock)
        {
            return _sequences.TryDequeue(out sequence);
        }
    }

    /// <summary>Refuses sequences from now on; those in it stay.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
        }
    }
}
