using System.Text.Json;
using NJsonSchema;
using SmolLM3.Extensions.Constraints.Validation;

namespace SmolLM3.Fuzz;

/// <summary>Whether values follow a schema, as the validator of arguments sees it, which shares no grammar with the
/// compiler, and as another library does. That one is asked only where it means the same: about keywords of draft 4 with
/// usual values.</summary>
internal sealed class SchemaJudge
{
    private const int MostText = 20_000;
    private const int MostDepth = 30;

    private static readonly string[] s_understood =
    [
        "type", "enum", "properties", "required", "additionalProperties", "minProperties", "maxProperties",
        "propertyNames", "items", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format", "anyOf",
        "allOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ];

    private readonly JsonElement _schema;
    private readonly JsonSchema? _other;

    /// <summary>A judge for a schema.</summary>
    public SchemaJudge(JsonElement schema)
    {
        string text = schema.GetRawText();
        _schema = schema;
        _other = text.Length <= MostText && Understands(schema, MostDepth)
            ? JsonSchema.FromJsonAsync(text).GetAwaiter().GetResult()
            : null;
    }

    /// <summary>Reads a text.</summary>
    /// <exception cref="FindingException">It is no JSON.</exception>
    public static JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = 1_000 });
        }
        catch (JsonException error)
        {
            throw new FindingException($"The text is no JSON: {text}", error);
        }
    }

    /// <summary>Judges a value.</summary>
    /// <exception cref="FindingException">It does not follow the schema.</exception>
    public void Judge(JsonElement value)
    {
        string text = value.GetRawText();
        if (SchemaValidator.FirstViolation(_schema, value) is { } violation)
        {
            throw new FindingException($"The text does not follow the schema ({violation}): {text}");
        }

        // The other library counts characters beyond the first plane twice.
        if (!text.Any(char.IsSurrogate) && _other?.Validate(text).FirstOrDefault() is { } error)
        {
            throw new FindingException($"The text does not follow the schema, says the other ({error}): {text}");
        }
    }

    private static bool Understands(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth == 0)
        {
            return false;
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (!s_understood.Contains(keyword.Name) || !seen.Add(keyword.Name)
                || !Fits(keyword.Name, keyword.Value, depth - 1))
            {
                return false;
            }
        }

        // The other library misses required properties of values that are no objects, too.
        return !seen.Contains("required")
            || (schema.TryGetProperty("type", out JsonElement type) && type.GetRawText() == "\"object\"");
    }

    private static bool Fits(string keyword, JsonElement value, int depth) => keyword switch
    {
        "type" => value.ValueKind is JsonValueKind.String or JsonValueKind.Array,
        "enum" => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(
            item => item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)),
        "properties" => value.ValueKind == JsonValueKind.Object
            && value.EnumerateObject().All(property => Understands(property.Value, depth))
            && value.EnumerateObject().Select(property => property.Name).Distinct().Count() == value.GetPropertyCount(),
        "required" => value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String),
        "items" or "propertyNames" => Understands(value, depth),
        "additionalProperties" => value.ValueKind is JsonValueKind.True or JsonValueKind.False
            || Understands(value, depth),
        "anyOf" or "allOf" => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            && value.EnumerateArray().All(part => Understands(part, depth)),
        "pattern" => value.ValueKind == JsonValueKind.String
            && value.GetString() is "^[a-z]{1,4}$" or "^(ab|c)+d?$" or "^\\d{2}-\\d{2}$" or "x" or "^[^\"]{0,5}$",
        "format" => value.ValueKind == JsonValueKind.String && value.GetString() is "date" or "uuid" or "ipv4",
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" =>
            value.ValueKind == JsonValueKind.Number && Math.Abs(value.GetDouble()) < 1e6,
        _ => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int count) && count is >= 1 and < 10_000
            || (keyword.StartsWith("min", StringComparison.Ordinal) && value.GetRawText() == "0"),
    };
}
