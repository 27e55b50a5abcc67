namespace SmolLM3.Inference.Tokenization;

/// <summary>
/// Workspaces for concurrent calls: each call takes one and gives it back; a few are kept, and one more is made when
/// all are out. Thread-safe.
/// </summary>
internal sealed class WorkspacePool
{
    private readonly Workspace?[] _kept = new Workspace?[Math.Min(Environment.ProcessorCount, 8)];

    /// <summary>Takes a workspace.</summary>
    public Workspace Rent()
    {
        for (int i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.Exchange(ref _kept[i], null) is { } workspace)
            {
                return workspace;
            }
        }

        return new Workspace();
    }

    /// <summary>Gives a workspace back.</summary>
    public void Return(Workspace workspace)
    {
        workspace.Reset();
        for (int i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _kept[i], workspace, null) is null)
            {
                return;
            }
        }
    }
}
