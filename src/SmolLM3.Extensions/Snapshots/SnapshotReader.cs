using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Loading;

namespace SmolLM3.Extensions.Snapshots;

/// <summary>Reads a snapshot and checks all of it. What it allocates is bounded by what the model has room for and by
/// the bytes that came, whatever the header says.</summary>
/// <param name="source">Read up to the end of the snapshot and no further.</param>
/// <param name="model">What it is to be put into.</param>
/// <param name="cancellationToken">Ends the reading.</param>
internal sealed class SnapshotReader(
    Stream source, LoadedModel model, CancellationToken cancellationToken) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Its tokens, once it is read.</summary>
    public List<int> Tokens { get; } = [];

    /// <summary>The adapters it was computed with, once it is read; held until this is disposed.</summary>
    public AdapterLease Adapters { get; private set; } = AdapterLease.None;

    /// <summary>Bytes read.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads it.</summary>
    /// <param name="origin">What it must have been computed by.</param>
    /// <returns>What the engine wrote for the tokens, in memory.</returns>
    /// <exception cref="PrefixSnapshotException">It is not whole, or not for this model.</exception>
    public async Task<Stream> ReadAsync(SnapshotOrigin origin)
    {
        byte[] head = new byte[SnapshotFormat.HeadBytes];
        int read = await FillAsync(head).ConfigureAwait(false);
        CheckHead(head.AsSpan(0, read));
        int originBytes = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12));
        int tokens = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(16));
        long stateBytes = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(20));
        CheckSizes(originBytes, tokens, stateBytes);

        byte[] body = new byte[originBytes + (tokens * sizeof(int))];
        await ReadExactlyAsync(body).ConfigureAwait(false);
        await CheckSumAsync().ConfigureAwait(false);
        CheckOrigin(Encoding.UTF8.GetString(body.AsSpan(0, originBytes)), origin);
        if (stateBytes > SnapshotFormat.MostStateBytes(tokens, model.Model.KvBytesPerToken))
        {
            throw PrefixSnapshotException.Damaged($"{stateBytes:N0} bytes for {tokens:N0} tokens are too many");
        }

        AddTokens(body.AsSpan(originBytes));
        Stream state = await ReadStateAsync(stateBytes).ConfigureAwait(false);
        await CheckSumAsync().ConfigureAwait(false);
        return state;
    }

    public void Dispose()
    {
        Adapters.Dispose();
        _hash.Dispose();
    }

    private static void CheckHead(ReadOnlySpan<byte> head)
    {
        int known = Math.Min(head.Length, SnapshotFormat.Magic.Length);
        if (!head[..known].SequenceEqual(SnapshotFormat.Magic[..known]))
        {
            throw PrefixSnapshotException.NotASnapshot();
        }

        if (head.Length < SnapshotFormat.HeadBytes)
        {
            throw PrefixSnapshotException.Truncated();
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (version != SnapshotFormat.Version)
        {
            throw PrefixSnapshotException.OtherVersion(version, SnapshotFormat.Version);
        }
    }

    private void CheckOrigin(string text, SnapshotOrigin origin)
    {
        string[] lines = text.Split('\n');
        string found = lines[0];
        if (!found.StartsWith(origin.Fingerprint + " ", StringComparison.Ordinal))
        {
            throw PrefixSnapshotException.OtherModel(found.Split(' ')[0], origin.Fingerprint);
        }

        if (found != origin.ToString())
        {
            throw PrefixSnapshotException.OtherEngine(found[(origin.Fingerprint.Length + 1)..], origin.Engine);
        }

        AdapterOrigin[] adapters = [.. lines.Skip(1).Select(line => AdapterOrigin.TryParse(line, out AdapterOrigin adapter)
            ? adapter
            : throw PrefixSnapshotException.Damaged("it names adapters in no known form"))];
        Adapters = model.Adapters.TryLease(adapters, out IReadOnlyList<string> missing)
            ?? throw PrefixSnapshotException.OtherAdapters(missing, model.Adapters.Names);
    }

    private void CheckSizes(int originBytes, int tokens, long stateBytes)
    {
        if (originBytes is < 0 or > SnapshotFormat.MostOriginBytes || tokens < 1 || stateBytes < 0)
        {
            throw PrefixSnapshotException.Damaged("its sizes cannot be");
        }

        // A request that uses it goes on behind it.
        if (tokens >= model.ContextLength)
        {
            throw PrefixSnapshotException.TooLong(tokens, model.ContextLength);
        }
    }

    private void AddTokens(ReadOnlySpan<byte> ids)
    {
        for (; ids.Length > 0; ids = ids[sizeof(int)..])
        {
            int token = BinaryPrimitives.ReadInt32LittleEndian(ids);
            if ((uint)token >= (uint)model.Model.VocabularySize)
            {
                throw PrefixSnapshotException.Damaged($"it has a token {token}, outside the vocabulary");
            }

            Tokens.Add(token);
        }
    }

    private async Task<Stream> ReadStateAsync(long bytes)
    {
        Pipe state = SnapshotMemory.Create();
        for (long left = bytes; left > 0;)
        {
            Memory<byte> part = state.Writer.GetMemory(SnapshotMemory.PieceBytes);
            part = part[..(int)Math.Min(left, part.Length)];
            await ReadExactlyAsync(part).ConfigureAwait(false);
            state.Writer.Advance(part.Length);
            left -= part.Length;
        }

        await state.Writer.CompleteAsync().ConfigureAwait(false);
        return state.Reader.AsStream();
    }

    private async Task CheckSumAsync()
    {
        byte[] expected = _hash.GetCurrentHash(), found = new byte[SnapshotFormat.SumBytes];
        await ReadExactlyAsync(found).ConfigureAwait(false);
        if (!found.AsSpan().SequenceEqual(expected))
        {
            throw PrefixSnapshotException.Damaged("its checksum is wrong");
        }
    }

    private async Task ReadExactlyAsync(Memory<byte> destination)
    {
        if (await FillAsync(destination).ConfigureAwait(false) < destination.Length)
        {
            throw PrefixSnapshotException.Truncated();
        }
    }

    private async Task<int> FillAsync(Memory<byte> destination)
    {
        int read = await source.ReadAtLeastAsync(
            destination, destination.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        _hash.AppendData(destination.Span[..read]);
        Bytes += read;
        return read;
    }
}
