using System.Runtime.InteropServices;

namespace SmolLM3.Inference.Gguf;

/// <summary>
/// Reads one metadata value: a boxed number or bool, a string, an array of numbers, a
/// <see cref="GgufStringArray"/>, or an object array of arrays.
/// </summary>
internal static class GgufValueReader
{
    // The format allows arrays of arrays without end; no file has them deeper than one, and recursion is stack.
    private const int DeepestArray = 4;

    public static object Read(ref GgufReader reader, string what)
        => Read(ref reader, reader.Read<GgufValueType>(what), what, depth: 0);

    private static object Read(ref GgufReader reader, GgufValueType type, string what, int depth) => type switch
    {
        GgufValueType.UInt8 => reader.Read<byte>(what),
        GgufValueType.Int8 => reader.Read<sbyte>(what),
        GgufValueType.UInt16 => reader.Read<ushort>(what),
        GgufValueType.Int16 => reader.Read<short>(what),
        GgufValueType.UInt32 => reader.Read<uint>(what),
        GgufValueType.Int32 => reader.Read<int>(what),
        GgufValueType.UInt64 => reader.Read<ulong>(what),
        GgufValueType.Int64 => reader.Read<long>(what),
        GgufValueType.Float32 => reader.Read<float>(what),
        GgufValueType.Float64 => reader.Read<double>(what),
        GgufValueType.Bool => reader.Read<byte>(what) != 0,
        GgufValueType.String => reader.ReadString(what),
        GgufValueType.Array when depth < DeepestArray => ReadArray(ref reader, what, depth + 1),
        GgufValueType.Array => throw reader.Error($"The array in {what} is nested deeper than {DeepestArray}"),
        _ => throw reader.Error($"The kind of {what} is {(uint)type}, which does not exist"),
    };

    private static object ReadArray(ref GgufReader reader, string what, int depth)
    {
        var type = reader.Read<GgufValueType>(what);
        return type switch
        {
            GgufValueType.UInt8 => ReadNumbers<byte>(ref reader, what),
            GgufValueType.Int8 => ReadNumbers<sbyte>(ref reader, what),
            GgufValueType.UInt16 => ReadNumbers<ushort>(ref reader, what),
            GgufValueType.Int16 => ReadNumbers<short>(ref reader, what),
            GgufValueType.UInt32 => ReadNumbers<uint>(ref reader, what),
            GgufValueType.Int32 => ReadNumbers<int>(ref reader, what),
            GgufValueType.UInt64 => ReadNumbers<ulong>(ref reader, what),
            GgufValueType.Int64 => ReadNumbers<long>(ref reader, what),
            GgufValueType.Float32 => ReadNumbers<float>(ref reader, what),
            GgufValueType.Float64 => ReadNumbers<double>(ref reader, what),
            GgufValueType.Bool => Array.ConvertAll(ReadNumbers<byte>(ref reader, what), value => value != 0),
            GgufValueType.String => ReadStrings(ref reader, what),
            GgufValueType.Array => ReadArrays(ref reader, what, depth),
            _ => throw reader.Error($"The kind of the elements of {what} is {(uint)type}, which does not exist"),
        };
    }

    private static unsafe T[] ReadNumbers<T>(ref GgufReader reader, string what)
        where T : unmanaged
    {
        int count = reader.ReadCount(sizeof(T), what);
        return MemoryMarshal.Cast<byte, T>(reader.ReadBytes((ulong)count * (ulong)sizeof(T), what)).ToArray();
    }

    // A first pass finds where each string ends, then all are copied at once.
    private static GgufStringArray ReadStrings(ref GgufReader reader, string what)
    {
        int count = reader.ReadCount(sizeof(ulong), what);
        GgufReader first = reader;

        // Grows with what was seen, not with what is claimed.
        var ends = new int[Math.Min(count, 1 << 16)];
        for (int i = 0; i < count; i++)
        {
            first.ReadBytes(first.Read<ulong>(what), what);
            if (i == ends.Length)
            {
                Array.Resize(ref ends, (int)Math.Min(count, ends.Length * 2L));
            }

            long end = first.Position - reader.Position;
            ends[i] = end <= int.MaxValue ? (int)end : throw first.Error($"The strings of {what} take over 2 GiB");
        }

        byte[] data = reader.ReadBytes((ulong)(first.Position - reader.Position), what).ToArray();
        return new GgufStringArray(data, ends);
    }

    private static object[] ReadArrays(ref GgufReader reader, string what, int depth)
    {
        int count = reader.ReadCount(sizeof(uint) + sizeof(ulong), what);
        var arrays = new List<object>();
        for (int i = 0; i < count; i++)
        {
            arrays.Add(Read(ref reader, GgufValueType.Array, what, depth));
        }

        return [.. arrays];
    }
}
