using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Spells JSON as Python's <c>json.dumps(value, ensure_ascii=False)</c>: a blank behind comma and colon, only what
/// JSON demands escaped. It is the one stable form in which tool calls of earlier turns are written.
/// </summary>
internal static class PythonJson
{
    /// <summary>One JSON value.</summary>
    public static string Dump(JsonElement value)
    {
        StringBuilder text = new();
        Append(text, value);
        return text.ToString();
    }

    /// <summary>A text in quotes.</summary>
    public static string Quote(string value)
    {
        StringBuilder text = new();
        AppendString(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(text, value);
                break;
            case JsonValueKind.Array:
                AppendArray(text, value);
                break;
            case JsonValueKind.String:
                AppendString(text, JsonText.Value(value));
                break;
            case JsonValueKind.Number:
                text.Append(PythonText.Number(value.GetRawText(), infinity: "Infinity"));
                break;
            case JsonValueKind.True:
                text.Append("true");
                break;
            case JsonValueKind.False:
                text.Append("false");
                break;
            default:
                text.Append("null");
                break;
        }
    }

    private static void AppendObject(StringBuilder text, JsonElement value)
    {
        text.Append('{');
        string separator = "";
        foreach ((string name, JsonElement item) in JsonText.Properties(value))
        {
            text.Append(separator);
            AppendString(text, name);
            text.Append(": ");
            Append(text, item);
            separator = ", ";
        }

        text.Append('}');
    }

    private static void AppendArray(StringBuilder text, JsonElement value)
    {
        text.Append('[');
        string separator = "";
        foreach (JsonElement item in value.EnumerateArray())
        {
            text.Append(separator);
            Append(text, item);
            separator = ", ";
        }

        text.Append(']');
    }

    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => AppendEscape(text, c),
                _ when IsLoneSurrogate(value, i) => AppendEscape(text, c),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }

    // Python would keep it and fail when the text is encoded; the escape says the same.
    private static bool IsLoneSurrogate(string text, int i) =>
        (char.IsHighSurrogate(text[i]) && !(i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])))
        || (char.IsLowSurrogate(text[i]) && !(i > 0 && char.IsHighSurrogate(text[i - 1])));

    private static StringBuilder AppendEscape(StringBuilder text, char c) =>
        text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
}
