using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Spells a JSON value as Python prints it after <c>json.loads</c>. The template writes tool dictionaries with the
/// filter <c>string</c>, which is Python's <c>str(dict)</c>, so this is what the model was trained to read.
/// </summary>
internal static class PythonRepr
{
    /// <summary><c>str(value)</c>: a text is itself, everything else its <c>repr</c>.</summary>
    public static string ToStr(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? JsonText.Value(value) : ToRepr(value);

    /// <summary><c>repr(value)</c>.</summary>
    public static string ToRepr(JsonElement value)
    {
        StringBuilder text = new();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendDictionary(text, value);
                break;
            case JsonValueKind.Array:
                AppendList(text, value);
                break;
            case JsonValueKind.String:
                AppendString(text, JsonText.Value(value));
                break;
            case JsonValueKind.Number:
                text.Append(PythonText.Number(value.GetRawText(), infinity: "inf"));
                break;
            case JsonValueKind.True:
                text.Append("True");
                break;
            case JsonValueKind.False:
                text.Append("False");
                break;
            default:
                text.Append("None");
                break;
        }
    }

    private static void AppendDictionary(StringBuilder text, JsonElement dictionary)
    {
        text.Append('{');
        string separator = "";
        foreach ((string name, JsonElement value) in JsonText.Properties(dictionary))
        {
            text.Append(separator);
            AppendString(text, name);
            text.Append(": ");
            Append(text, value);
            separator = ", ";
        }

        text.Append('}');
    }

    private static void AppendList(StringBuilder text, JsonElement list)
    {
        text.Append('[');
        string separator = "";
        foreach (JsonElement value in list.EnumerateArray())
        {
            text.Append(separator);
            Append(text, value);
            separator = ", ";
        }

        text.Append(']');
    }

    private static void AppendString(StringBuilder text, string value)
    {
        char quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        text.Append(quote);
        for (int i = 0; i < value.Length;)
        {
            // A lone surrogate is no rune; Python escapes it.
            if (!Rune.TryGetRuneAt(value, i, out Rune rune))
            {
                AppendEscape(text, value[i++]);
                continue;
            }

            i += rune.Utf16SequenceLength;
            switch (rune.Value)
            {
                case '\\' or '\'' or '"' when rune.Value == '\\' || rune.Value == quote:
                    text.Append('\\').Append((char)rune.Value);
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                default:
                    if (PythonText.IsPrintable(rune))
                    {
                        text.Append(rune);
                    }
                    else
                    {
                        AppendEscape(text, rune.Value);
                    }

                    break;
            }
        }

        text.Append(quote);
    }

    private static void AppendEscape(StringBuilder text, int code) => _ = code switch
    {
        <= 0xff => text.Append(CultureInfo.InvariantCulture, $"\\x{code:x2}"),
        <= 0xffff => text.Append(CultureInfo.InvariantCulture, $"\\u{code:x4}"),
        _ => text.Append(CultureInfo.InvariantCulture, $"\\U{code:x8}"),
    };
}
