using System.Text;
using System.Text.Json;

namespace SmolLM3.Fuzz;

/// <summary>Changes schemas: bytes of them, or whole values, for which others are put.</summary>
internal static class SchemaMutation
{
    private static readonly string[] s_values =
    [
        "null", "true", "false", "0", "-1", "1", "2.5", "1e308", "-1e-400", "99999999999999999999999999", "0.1",
        "100000", "\"\"", "\"a\"", "\"\\ud800\"", "\"#\"", "[]", "{}", "[null]", "\"^(a|b)*a(a|b){12}$\"", "-0", "1.0",
        "2147483648",
    ];

    /// <summary>A schema with one to four changes.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="other">Where values are taken from.</param>
    /// <param name="random">What is changed.</param>
    public static string Of(string schema, string other, Random random)
    {
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            schema = random.Next(8) == 0 ? ChangeByte(schema, random) : ChangeValue(schema, other, random);
        }

        return schema;
    }

    private static string ChangeByte(string schema, Random random)
    {
        int at = random.Next(schema.Length + 1), length = random.Next(0, Math.Min(4, schema.Length - at + 1));
        const string Bytes = "\"\\{}[]:,$#/^*+?|()0123456789eE.-ud{}";
        string put = new(random.GetItems(Bytes.AsSpan(), random.Next(3)));
        return schema[..at] + put + schema[(at + length)..];
    }

    private static string ChangeValue(string schema, string other, Random random)
    {
        List<(int Start, int End)> places = Values(schema), from = Values(other);
        if (places.Count == 0 || from.Count == 0)
        {
            return schema;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(schema), others = Encoding.UTF8.GetBytes(other);
        (int start, int end) = places[random.Next(places.Count)];
        (int first, int last) = from[random.Next(from.Count)];
        string value = Encoding.UTF8.GetString(bytes, start, end - start);
        string put = random.Next(8) switch
        {
            < 3 => Encoding.UTF8.GetString(others, first, last - first),
            3 => s_values[random.Next(s_values.Length)],
            4 => $"{{\"{(random.Next(2) == 0 ? "anyOf" : "allOf")}\":[{value},{value},{{}}]}}",
            5 => $"[{string.Join(',', Enumerable.Repeat(value, random.Next(1, 30)))}]",
            6 => "{\"$ref\":\"#\"}",
            _ => new HostileSchema(random).Small(),
        };
        return Encoding.UTF8.GetString(bytes, 0, start) + put + Encoding.UTF8.GetString(bytes, end, bytes.Length - end);
    }

    // Where values stand, in bytes; none where the text is no JSON.
    private static List<(int Start, int End)> Values(string text)
    {
        List<(int, int)> found = [];
        Stack<int> open = [];
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = 1_000 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                {
                    open.Push((int)reader.TokenStartIndex);
                }
                else if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
                {
                    found.Add((open.Pop(), (int)reader.BytesConsumed));
                }
                else if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    found.Add(((int)reader.TokenStartIndex, (int)reader.BytesConsumed));
                }
            }
        }
        catch (JsonException)
        {
            return [];
        }

        return found;
    }
}
