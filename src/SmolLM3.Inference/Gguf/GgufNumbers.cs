namespace SmolLM3.Inference.Gguf;

/// <summary>Conversions between the number types a file may use for the same key.</summary>
internal static class GgufNumbers
{
    public static bool TryToInt64(object? value, out long number)
    {
        (number, bool fits) = value switch
        {
            byte n => (n, true),
            sbyte n => (n, true),
            ushort n => (n, true),
            short n => (n, true),
            uint n => (n, true),
            int n => (n, true),
            long n => (n, true),
            ulong n when n <= long.MaxValue => ((long)n, true),
            _ => (0L, false),
        };
        return fits;
    }

    public static bool TryToDouble(object? value, out double number)
    {
        (number, bool fits) = value switch
        {
            float n => (n, true),
            double n => (n, true),
            ulong n => (n, true),
            _ when TryToInt64(value, out long n) => (n, true),
            _ => (0d, false),
        };
        return fits;
    }

    public static long[]? ToInt64Array(object? value) => ElementType(value) switch
    {
        TypeCode.Byte => Array.ConvertAll((byte[])value!, n => (long)n),
        TypeCode.SByte => Array.ConvertAll((sbyte[])value!, n => (long)n),
        TypeCode.UInt16 => Array.ConvertAll((ushort[])value!, n => (long)n),
        TypeCode.Int16 => Array.ConvertAll((short[])value!, n => (long)n),
        TypeCode.UInt32 => Array.ConvertAll((uint[])value!, n => (long)n),
        TypeCode.Int32 => Array.ConvertAll((int[])value!, n => (long)n),
        TypeCode.Int64 => [.. (long[])value!],
        TypeCode.UInt64 when !Array.Exists((ulong[])value!, n => n > long.MaxValue)
            => Array.ConvertAll((ulong[])value!, n => (long)n),
        _ => null,
    };

    public static double[]? ToDoubleArray(object? value) => ElementType(value) switch
    {
        TypeCode.Single => Array.ConvertAll((float[])value!, n => (double)n),
        TypeCode.Double => [.. (double[])value!],
        TypeCode.UInt64 => Array.ConvertAll((ulong[])value!, n => (double)n),
        _ => ToInt64Array(value) is { } integers ? Array.ConvertAll(integers, n => (double)n) : null,
    };

    public static string Describe(object value) => value switch
    {
        string text when text.Length > 64 => $"the text '{text[..64]}…'",
        string text => $"the text '{text}'",
        GgufStringArray array => $"an array of {array.Count} strings",
        Array array => $"an array of {array.Length} values of type {array.GetType().GetElementType()!.Name}",
        _ => $"{FormattableString.Invariant($"{value}")} ({value.GetType().Name})",
    };

    // By the exact type: to a type pattern, sbyte[] is a byte[] too.
    private static TypeCode ElementType(object? value)
        => value is Array array ? Type.GetTypeCode(array.GetType().GetElementType()) : TypeCode.Empty;
}
