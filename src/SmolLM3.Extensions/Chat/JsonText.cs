using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Reads texts and properties of JSON as Python's <c>json.loads</c> does: half of a surrogate pair is kept, where
/// <see cref="JsonElement.GetString"/> throws, and of equal names the last value stands at the first one's place.
/// </summary>
internal static class JsonText
{
    /// <summary>The text of a JSON string.</summary>
    public static string Value(JsonElement value) => Unescape(JsonMarshal.GetRawUtf8Value(value)[1..^1]);

    /// <summary>The properties of a JSON object, each name once.</summary>
    public static IEnumerable<KeyValuePair<string, JsonElement>> Properties(JsonElement value)
    {
        // An ordered dictionary keeps a name's first place when its value is replaced.
        OrderedDictionary<string, JsonElement> properties = new(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            properties[Unescape(JsonMarshal.GetRawUtf8PropertyName(property))] = property.Value;
        }

        return properties;
    }

    private static string Unescape(ReadOnlySpan<byte> utf8)
    {
        string raw = Encoding.UTF8.GetString(utf8);
        int escape = raw.IndexOf('\\', StringComparison.Ordinal);
        if (escape < 0)
        {
            return raw;
        }

        StringBuilder text = new(raw.Length);
        int copied = 0;
        while (escape >= 0)
        {
            text.Append(raw, copied, escape - copied);
            char kind = raw[escape + 1];
            text.Append(kind switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(
                    raw.AsSpan(escape + 2, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                _ => kind,
            });
            copied = escape + (kind == 'u' ? 6 : 2);
            escape = raw.IndexOf('\\', copied);
        }

        return text.Append(raw, copied, raw.Length - copied).ToString();
    }
}
