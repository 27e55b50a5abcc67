using System.IO.Pipelines;

namespace SmolLM3.Extensions.Snapshots;

/// <summary>Where a state stays between the engine, which reads and writes at once on the loop thread, and a stream,
/// which may be slow. In pieces: it may be larger than an array can be.</summary>
internal static class SnapshotMemory
{
    /// <summary>Least bytes of a piece.</summary>
    public const int PieceBytes = 1 << 20;

    /// <summary>Makes an empty one, which takes any number of bytes without making the writer wait.</summary>
    public static Pipe Create() => new(new PipeOptions(
        pauseWriterThreshold: 0, minimumSegmentSize: PieceBytes, useSynchronizationContext: false));
}
