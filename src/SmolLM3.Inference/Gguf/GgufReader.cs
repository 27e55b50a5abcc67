using System.Runtime.CompilerServices;
using System.Text;

namespace SmolLM3.Inference.Gguf;

/// <summary>
/// Reads little-endian values from the start of a file in memory. Every length is compared with what is left before
/// it is used, so that a damaged or hostile file ends in a <see cref="GgufFormatException"/> and nothing else.
/// </summary>
internal unsafe ref struct GgufReader(byte* start, long length, string source)
{
    /// <summary>Name of the file for messages.</summary>
    public readonly string Source => source;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes not read yet.</summary>
    public readonly long Remaining => length - Position;

    public T Read<T>(string what)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(Skip((ulong)sizeof(T), what));

    public ReadOnlySpan<byte> ReadBytes(ulong count, string what)
    {
        if (count > int.MaxValue)
        {
            Require(count, what);
            throw Error($"{Capitalize(what)} is {count} bytes long, more than 2 GiB");
        }

        return new ReadOnlySpan<byte>(Skip(count, what), (int)count);
    }

    public string ReadString(string what, ulong longest = int.MaxValue)
    {
        ulong count = Read<ulong>(what);
        Require(count, what);
        return count <= longest
            ? Encoding.UTF8.GetString(ReadBytes(count, what))
            : throw Error($"{Capitalize(what)} is {count} bytes long; at most {longest} are allowed");
    }

    /// <summary>Reads a count of things that take at least <paramref name="itemBytes"/> bytes each.</summary>
    public int ReadCount(int itemBytes, string what)
    {
        ulong count = Read<ulong>(what);
        if (count > (ulong)Remaining / (ulong)itemBytes)
        {
            throw Error($"{Capitalize(what)} claims {count} entries, more than the {Remaining} bytes left can hold");
        }

        return count <= (ulong)Array.MaxLength
            ? (int)count
            : throw Error($"{Capitalize(what)} claims {count} entries, more than can be read");
    }

    /// <summary>The error for a file that is not what it should be at the present position.</summary>
    public readonly GgufFormatException Error(string found) => new(
        $"{source}: {found} (at byte {Position} of {length}). The file is damaged or not a model; fetch it again.");

    private byte* Skip(ulong count, string what)
    {
        Require(count, what);
        byte* here = start + Position;
        Position += (long)count;
        return here;
    }

    private readonly void Require(ulong count, string what)
    {
        if (count > (ulong)Remaining)
        {
            throw new GgufFormatException(
                $"{source}: The file ends inside {what} (at byte {Position}: needs {count} bytes, has {Remaining}). " +
                "The download is incomplete or the file is damaged; fetch it again.");
        }
    }

    private static string Capitalize(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
