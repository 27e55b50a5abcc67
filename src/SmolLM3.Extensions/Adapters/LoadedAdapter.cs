namespace SmolLM3.Extensions.Adapters;

/// <summary>An adapter in the engine's memory, and who uses it. Its members are the store's to change, under its lock.
/// </summary>
/// <param name="name">What requests call it.</param>
/// <param name="handle">What the engine calls it.</param>
/// <param name="fingerprint">Of its file.</param>
internal sealed class LoadedAdapter(string name, int handle, string fingerprint)
{
    private readonly TaskCompletionSource _unused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isLeaving;

    /// <summary>What requests call it.</summary>
    public string Name => name;

    /// <summary>What the engine calls it.</summary>
    public int Handle => handle;

    /// <summary>Of its file.</summary>
    public string Fingerprint => fingerprint;

    /// <summary>Ends when it is leaving and nobody uses it any more.</summary>
    public Task Unused => _unused.Task;

    /// <summary>How many use it.</summary>
    public int Leases { get; private set; }

    /// <summary>Somebody uses it.</summary>
    public void Take() => Leases++;

    /// <summary>Somebody uses it no more.</summary>
    public void Release()
    {
        Leases--;
        EndIfUnused();
    }

    /// <summary>Nobody new will use it.</summary>
    public void Leave()
    {
        _isLeaving = true;
        EndIfUnused();
    }

    private void EndIfUnused()
    {
        if (_isLeaving && Leases == 0)
        {
            _unused.TrySetResult();
        }
    }
}
