using System.Runtime.InteropServices;
using System.Text;

namespace SmolLM3.Inference.Gguf;

/// <summary>Writes one metadata value: the opposite of <see cref="GgufValueReader"/>.</summary>
internal static class GgufValueWriter
{
    public static void Write(BinaryWriter writer, object value)
    {
        writer.Write((uint)TypeOf(value));
        WriteBody(writer, value);
    }

    public static void WriteString(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    /// <exception cref="ArgumentException">The value has no place in a file.</exception>
    public static void Validate(object value)
    {
        _ = TypeOf(value);
        if (value is object[] items and not string[])
        {
            Array.ForEach(items, item => _ = TypeOf(item) == GgufValueType.Array ? 0 : throw Unwritable(item));
            Array.ForEach(items, Validate);
        }
    }

    private static GgufValueType TypeOf(object value) => value switch
    {
        byte => GgufValueType.UInt8,
        sbyte => GgufValueType.Int8,
        ushort => GgufValueType.UInt16,
        short => GgufValueType.Int16,
        uint => GgufValueType.UInt32,
        int => GgufValueType.Int32,
        ulong => GgufValueType.UInt64,
        long => GgufValueType.Int64,
        float => GgufValueType.Float32,
        double => GgufValueType.Float64,
        bool => GgufValueType.Bool,
        string => GgufValueType.String,
        GgufStringArray or object[] => GgufValueType.Array,
        Array array when ElementType(array) is not null => GgufValueType.Array,
        _ => throw Unwritable(value),
    };

    // sbyte[] and byte[] (and the other pairs) match each other's patterns, so the exact type decides.
    private static GgufValueType? ElementType(Array array) => Type.GetTypeCode(array.GetType().GetElementType()) switch
    {
        TypeCode.Byte => GgufValueType.UInt8,
        TypeCode.SByte => GgufValueType.Int8,
        TypeCode.UInt16 => GgufValueType.UInt16,
        TypeCode.Int16 => GgufValueType.Int16,
        TypeCode.UInt32 => GgufValueType.UInt32,
        TypeCode.Int32 => GgufValueType.Int32,
        TypeCode.UInt64 => GgufValueType.UInt64,
        TypeCode.Int64 => GgufValueType.Int64,
        TypeCode.Single => GgufValueType.Float32,
        TypeCode.Double => GgufValueType.Float64,
        TypeCode.Boolean => GgufValueType.Bool,
        TypeCode.String => GgufValueType.String,
        _ => null,
    };

    private static void WriteBody(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case byte number: writer.Write(number); break;
            case sbyte number: writer.Write(number); break;
            case ushort number: writer.Write(number); break;
            case short number: writer.Write(number); break;
            case uint number: writer.Write(number); break;
            case int number: writer.Write(number); break;
            case ulong number: writer.Write(number); break;
            case long number: writer.Write(number); break;
            case float number: writer.Write(number); break;
            case double number: writer.Write(number); break;
            case bool flag: writer.Write(flag); break;
            case string text: WriteString(writer, text); break;
            case string[] texts: WriteBody(writer, GgufStringArray.Create(texts)); break;
            case GgufStringArray texts:
                writer.Write((uint)GgufValueType.String);
                writer.Write((ulong)texts.Count);
                writer.Write(texts.Encoded);
                break;
            case object[] arrays:
                writer.Write((uint)GgufValueType.Array);
                writer.Write((ulong)arrays.Length);
                Array.ForEach(arrays, array => WriteBody(writer, array));
                break;
            case Array numbers: WriteNumbers(writer, numbers); break;
        }
    }

    private static void WriteNumbers(BinaryWriter writer, Array numbers)
    {
        writer.Write((uint)ElementType(numbers)!.Value);
        writer.Write((ulong)numbers.Length);
        writer.Write(MemoryMarshal.CreateReadOnlySpan(
            ref MemoryMarshal.GetArrayDataReference(numbers), Buffer.ByteLength(numbers)));
    }

    private static ArgumentException Unwritable(object value)
        => new($"A value of type {value?.GetType().Name ?? "null"} cannot be written as GGUF metadata here.");
}
