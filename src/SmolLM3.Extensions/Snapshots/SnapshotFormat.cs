namespace SmolLM3.Extensions.Snapshots;

/// <summary>
/// A snapshot as bytes, little-endian:
/// <code>
/// magic (8) | version (4) | bytes of the origin (4) | tokens (4) | bytes of the state (8)
/// origin, UTF-8 | token ids (4 each) | SHA-256 of all that (32)
/// state: what the engine wrote | SHA-256 of all that (32)
/// </code>
/// The first checksum lets another model be told from damage before the state, which may be large, is read.
/// </summary>
internal static class SnapshotFormat
{
    /// <summary>Raised when bytes mean something else than before.</summary>
    public const int Version = 1;

    /// <summary>Bytes of what stands before the origin.</summary>
    public const int HeadBytes = 28;

    /// <summary>Bytes of a checksum.</summary>
    public const int SumBytes = 32;

    /// <summary>Most bytes of an origin: about 80, and 45 for each adapter.</summary>
    public const int MostOriginBytes = 1 << 16;

    /// <summary>What every snapshot begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "SLM3SNAP"u8;

    /// <summary>Most bytes a state can have: engines keep a little more than the numbers themselves.</summary>
    /// <param name="tokens">Tokens of the snapshot.</param>
    /// <param name="kvBytesPerToken">Memory of one token's keys and values.</param>
    public static long MostStateBytes(int tokens, int kvBytesPerToken) =>
        (tokens * (kvBytesPerToken + 64L)) + (1 << 16);
}
