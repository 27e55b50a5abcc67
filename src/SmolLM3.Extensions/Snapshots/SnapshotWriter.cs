using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SmolLM3.Extensions.Snapshots;

/// <summary>Writes a snapshot.</summary>
internal static class SnapshotWriter
{
    /// <summary>Writes a snapshot.</summary>
    /// <param name="origin">What computed it.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="state">What the engine wrote for them.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="cancellationToken">Ends the writing, halfway.</param>
    /// <returns>Bytes written.</returns>
    public static async Task<long> WriteAsync(
        SnapshotOrigin origin,
        List<int> tokens,
        ReadOnlySequence<byte> state,
        Stream destination,
        CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long written = 0;
        await WriteAsync(Header(origin, tokens, state.Length)).ConfigureAwait(false);
        await WriteAsync(hash.GetCurrentHash()).ConfigureAwait(false);
        foreach (ReadOnlyMemory<byte> part in state)
        {
            await WriteAsync(part).ConfigureAwait(false);
        }

        await WriteAsync(hash.GetCurrentHash()).ConfigureAwait(false);
        return written;

        ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            hash.AppendData(bytes.Span);
            written += bytes.Length;
            return destination.WriteAsync(bytes, cancellationToken);
        }
    }

    private static byte[] Header(SnapshotOrigin origin, List<int> tokens, long stateBytes)
    {
        byte[] text = Encoding.UTF8.GetBytes(origin.ToString());
        byte[] header = new byte[SnapshotFormat.HeadBytes + text.Length + (tokens.Count * sizeof(int))];
        SnapshotFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), SnapshotFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), text.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), tokens.Count);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(20), stateBytes);
        text.CopyTo(header.AsSpan(SnapshotFormat.HeadBytes));
        Span<byte> rest = header.AsSpan(SnapshotFormat.HeadBytes + text.Length);
        foreach (int token in CollectionsMarshal.AsSpan(tokens))
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, token);
            rest = rest[sizeof(int)..];
        }

        return header;
    }
}
