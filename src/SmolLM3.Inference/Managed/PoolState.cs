using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Managed;

/// <summary>What a pool's threads watch, each on cache lines of its own: a thread that watches one number is not
/// disturbed by writes to another.</summary>
[StructLayout(LayoutKind.Explicit, Size = 640)]
internal sealed class PoolState
{
    /// <summary>Rounds published. It may wrap around.</summary>
    [FieldOffset(128)]
    public int Round;

    /// <summary>Workers not yet done with the round.</summary>
    [FieldOffset(256)]
    public int Busy;

    /// <summary>The next part that belongs to nobody yet.</summary>
    [FieldOffset(384)]
    public int NextPart;

    /// <summary>Workers asleep.</summary>
    [FieldOffset(512)]
    public int Sleeping;

    /// <summary>Whether the caller sleeps until the last worker is done.</summary>
    [FieldOffset(516)]
    public bool CallerSleeps;
}
