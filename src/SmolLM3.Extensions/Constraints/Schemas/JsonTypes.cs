using System.Text.Json;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Finds the types a schema allows.</summary>
internal static class JsonTypes
{
    /// <summary>Keywords that say something about values of one type only.</summary>
    private static readonly (JsonType Type, string[] Keywords)[] s_hints =
    [
        (JsonType.Object,
            ["properties", "required", "additionalProperties", "unevaluatedProperties", "patternProperties",
                "propertyNames", "minProperties", "maxProperties"]),
        (JsonType.Array, ["items", "prefixItems", "additionalItems", "minItems", "maxItems", "contains", "uniqueItems"]),
        (JsonType.String, ["minLength", "maxLength", "pattern", "format"]),
        (JsonType.Number, ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ];

    /// <summary>What <c>type</c> allows; all types without it.</summary>
    public static JsonType Of(Conjunction schemas) => schemas.All("type").Aggregate(
        JsonType.All,
        (types, found) => types & OfKeyword(found.Value));

    /// <summary>The types a value of <c>type</c> names: one or several.</summary>
    public static JsonType OfKeyword(JsonElement type) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Aggregate(JsonType.None, (all, name) => all | Named(name))
        : Named(type);

    /// <summary>What is written: without <c>type</c>, where a schema speaks of values of some types only, those. It
    /// hardly means the others, though it lets them pass.</summary>
    public static JsonType Meant(Conjunction schemas)
    {
        JsonType types = Of(schemas);
        if (schemas.All("type").Any() || Constants.Of(schemas) is not null)
        {
            return types;
        }

        JsonType hinted = JsonType.None;
        foreach ((JsonType type, string[] keywords) in s_hints)
        {
            hinted |= keywords.Any(keyword => schemas.All(keyword).Any()) ? type : JsonType.None;
        }

        return hinted == JsonType.None ? types : hinted;
    }

    /// <summary>Whether schemas say something about values of some type.</summary>
    public static bool Restricts(Conjunction schemas) =>
        s_hints.Any(hint => hint.Keywords.Any(keyword => schemas.All(keyword).Any()));

    /// <summary>Whether schemas say something about objects or arrays.</summary>
    public static bool RestrictsWholes(Conjunction schemas) => s_hints
        .Where(hint => hint.Type is JsonType.Object or JsonType.Array)
        .Any(hint => hint.Keywords.Any(keyword => schemas.All(keyword).Any()));

    /// <summary>The type of a value.</summary>
    public static JsonType OfValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonType.Null,
        JsonValueKind.True or JsonValueKind.False => JsonType.Boolean,
        JsonValueKind.Number => value.TryGetDecimal(out decimal number) && number != decimal.Truncate(number)
            ? JsonType.Fraction
            : JsonType.Integer,
        JsonValueKind.String => JsonType.String,
        JsonValueKind.Array => JsonType.Array,
        _ => JsonType.Object,
    };

    /// <summary>Whether a text is the name of a type.</summary>
    public static bool IsName(JsonElement name) => Named(name) != JsonType.None;

    private static JsonType Named(JsonElement name) =>
        name.ValueKind != JsonValueKind.String ? JsonType.None : name.GetString() switch
        {
            "null" => JsonType.Null,
            "boolean" => JsonType.Boolean,
            "integer" => JsonType.Integer,
            "number" => JsonType.Number,
            "string" => JsonType.String,
            "array" => JsonType.Array,
            "object" => JsonType.Object,
            _ => JsonType.None,
        };
}
