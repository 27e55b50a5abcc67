using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SmolLM3.Extensions.Models;

/// <summary>
/// What is there of a file that comes in segments, several at once. How much of each is there stands behind the bytes, so
/// that the next process goes on:
/// <code>
/// [0, bytes)          the file, with holes
/// [bytes, bytes + 8)  length of a segment
/// ...                 8 bytes a segment: how much of it is there, from its beginning
/// ...                 the file's name in its repository, in UTF-8, and 8 bytes: the length of that
/// </code>
/// </summary>
/// <remarks>Who has it holds the file's lock. One writer a segment; different segments may be written at once.</remarks>
internal sealed class PartialFile : IDisposable
{
    /// <summary>The longest path on any system, in bytes.</summary>
    private const int MostNameBytes = 4096;

    private readonly string _path;
    private readonly HubFile _file;
    private readonly long _segmentBytes;
    private readonly SafeFileHandle _handle;
    private readonly long[] _received;

    private PartialFile(string path, HubFile file, long segmentBytes)
    {
        (_path, _file, _segmentBytes) = (path, file, segmentBytes);
        _received = new long[(int)((file.Bytes + segmentBytes - 1) / segmentBytes)];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    public int Segments => _received.Length;

    /// <summary>Bytes that are there.</summary>
    public long Received => _received.Sum();

    /// <summary>Where the name stands.</summary>
    private long NameStart => _file.Bytes + sizeof(long) + (sizeof(long) * (long)_received.Length);

    /// <summary>Opens what an earlier try left, or begins.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="file">The file it will be.</param>
    /// <param name="segmentBytes">Length of a segment.</param>
    /// <param name="requireRoom">Asked before it begins, which may take its whole length on the disk; may throw.</param>
    public static PartialFile Open(string path, HubFile file, long segmentBytes, Action? requireRoom = null)
    {
        PartialFile partial = new(path, file, segmentBytes);
        try
        {
            if (!partial.TryRead())
            {
                partial.Begin(requireRoom);
            }

            return partial;
        }
        catch
        {
            partial.Dispose();
            throw;
        }
    }

    /// <summary>The name of the file one will be; null where it is none, or did not get far enough to have it.</summary>
    public static string? NameOf(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path);
        return ReadName(handle) is { Length: > 0 } name ? Encoding.UTF8.GetString(name) : null;
    }

    /// <summary>What is missing of a segment: from the first byte to the one behind the last.</summary>
    public (long From, long End) Missing(int segment) =>
        (Start(segment) + Volatile.Read(ref _received[segment]), Start(segment) + SegmentLength(segment));

    /// <summary>Writes bytes, over as many segments as they go. What leaves a gap before it does not count as
    /// there.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_handle, bytes, offset);
        for (long end = offset + bytes.Length; offset < end;)
        {
            int segment = (int)(offset / _segmentBytes);
            long begun = offset - Start(segment), done = Math.Min(end - Start(segment), SegmentLength(segment));
            if (begun <= _received[segment] && done > _received[segment])
            {
                Volatile.Write(ref _received[segment], done);
                Mark(segment, done);
            }

            offset = Start(segment) + SegmentLength(segment);
        }
    }

    /// <summary>Whether the bytes are those of the file, by the hash its id is.</summary>
    public bool IsRight(Action<long> progress, CancellationToken cancellationToken)
    {
        bool isGit = _file.Id.Length == 40;
        using IncrementalHash hash =
            IncrementalHash.CreateHash(isGit ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        if (isGit)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {_file.Bytes}\0"));
        }

        byte[] buffer = new byte[1024 * 1024];
        for (long offset = 0; offset < _file.Bytes;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int wanted = (int)Math.Min(buffer.Length, _file.Bytes - offset);
            int read = RandomAccess.Read(_handle, buffer.AsSpan(0, wanted), offset);
            if (read == 0)
            {
                return false;
            }

            hash.AppendData(buffer, 0, read);
            offset += read;
            progress(offset);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()) == _file.Id;
    }

    /// <summary>Closes the whole file, its bytes alone and on the disk.</summary>
    public void Finish()
    {
        RandomAccess.SetLength(_handle, _file.Bytes);
        RandomAccess.FlushToDisk(_handle);
        Dispose();
    }

    /// <summary>Deletes it.</summary>
    public void Drop()
    {
        Dispose();
        File.Delete(_path);
    }

    public void Dispose() => _handle.Dispose();

    private bool TryRead()
    {
        // The same bytes may have got another name.
        if (ReadName(_handle) is not { } name || RandomAccess.GetLength(_handle) != NameStart + name.Length + sizeof(long))
        {
            return false;
        }

        Span<byte> tail = new byte[NameStart - _file.Bytes];
        if (RandomAccess.Read(_handle, tail, _file.Bytes) != tail.Length
            || BinaryPrimitives.ReadInt64LittleEndian(tail) != _segmentBytes)
        {
            return false;
        }

        for (int i = 0; i < _received.Length; i++)
        {
            _received[i] = BinaryPrimitives.ReadInt64LittleEndian(tail[(sizeof(long) * (i + 1))..]);
        }

        return _received.Index().All(segment => segment.Item >= 0 && segment.Item <= SegmentLength(segment.Index));
    }

    private void Begin(Action? requireRoom)
    {
        Array.Clear(_received);
        RandomAccess.SetLength(_handle, 0);
        try
        {
            requireRoom?.Invoke();
            byte[] name = Encoding.UTF8.GetBytes(_file.Name);
            RandomAccess.SetLength(_handle, NameStart + name.Length + sizeof(long));
            WriteNumber(_file.Bytes, _segmentBytes);
            RandomAccess.Write(_handle, name, NameStart);
            WriteNumber(NameStart + name.Length, name.Length);
        }
        catch
        {
            Drop();
            throw;
        }
    }

    private static byte[]? ReadName(SafeFileHandle handle)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        long end = RandomAccess.GetLength(handle) - number.Length;
        if (end < 0 || RandomAccess.Read(handle, number, end) != number.Length)
        {
            return null;
        }

        long length = BinaryPrimitives.ReadInt64LittleEndian(number);
        if (length is < 0 or > MostNameBytes || length > end)
        {
            return null;
        }

        byte[] name = new byte[length];
        return RandomAccess.Read(handle, name, end - length) == length ? name : null;
    }

    private void Mark(int segment, long done) => WriteNumber(_file.Bytes + (sizeof(long) * (segment + 1L)), done);

    private void WriteNumber(long offset, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        RandomAccess.Write(_handle, bytes, offset);
    }

    private long Start(int segment) => segment * _segmentBytes;

    private long SegmentLength(int segment) => Math.Min(_segmentBytes, _file.Bytes - Start(segment));
}
