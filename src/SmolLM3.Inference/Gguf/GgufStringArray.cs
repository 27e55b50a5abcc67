using System.Buffers.Binary;
using System.Text;

namespace SmolLM3.Inference.Gguf;

/// <summary>
/// A metadata array of strings as raw UTF-8. A vocabulary has 400,000 of them, so none becomes a
/// <see cref="string"/> before somebody asks. Holds its own copy: it outlives the file.
/// </summary>
public sealed class GgufStringArray
{
    private const int PrefixBytes = sizeof(ulong);

    // As in the file: a length prefix of 8 bytes before each string; string i ends at _ends[i].
    private readonly byte[] _data;
    private readonly int[] _ends;

    internal GgufStringArray(byte[] data, int[] ends) => (_data, _ends) = (data, ends);

    /// <summary>Number of strings.</summary>
    public int Count => _ends.Length;

    /// <summary>The UTF-8 bytes of one string, as they are in the file (they need not be valid UTF-8).</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            int start = (index == 0 ? 0 : _ends[index - 1]) + PrefixBytes;
            return _data.AsSpan(start, _ends[index] - start);
        }
    }

    /// <summary>The strings with their length prefixes, exactly as a file holds them.</summary>
    internal ReadOnlySpan<byte> Encoded => _data;

    /// <summary>Encodes strings.</summary>
    public static GgufStringArray Create(IEnumerable<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var data = new MemoryStream();
        var ends = new List<int>();
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        foreach (string value in values)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(value);
            BinaryPrimitives.WriteInt64LittleEndian(prefix, bytes.Length);
            data.Write(prefix);
            data.Write(bytes);
            ends.Add((int)data.Length);
        }

        return new GgufStringArray(data.ToArray(), [.. ends]);
    }

    /// <summary>One string; bytes that are not UTF-8 become U+FFFD.</summary>
    public string GetString(int index) => Encoding.UTF8.GetString(this[index]);

    /// <summary>All strings.</summary>
    public string[] ToArray()
    {
        var values = new string[Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = GetString(i);
        }

        return values;
    }
}
