using System.Text.Json;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Tells of keywords whose values are not of the kind they must be: they say nothing that could be enforced.
/// </summary>
internal static class KeywordShapes
{
    private static readonly (string Keyword, string What, Func<JsonElement, bool> Fits)[] s_shapes =
    [
        ("type", "one or more of null, boolean, integer, number, string, array and object", IsType),
        ("enum", "an array", value => value.ValueKind == JsonValueKind.Array),
        ("required", "an array of strings", value => value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)),
        ("pattern", "a string", value => value.ValueKind == JsonValueKind.String),
        ("properties", "an object", value => value.ValueKind == JsonValueKind.Object),
        ("patternProperties", "an object", value => value.ValueKind == JsonValueKind.Object),
        ("prefixItems", "an array", value => value.ValueKind == JsonValueKind.Array),
        ("additionalProperties", "a schema", SchemaDocument.IsSchema),
        ("propertyNames", "a schema", SchemaDocument.IsSchema),
        ("contains", "a schema", SchemaDocument.IsSchema),
        ("uniqueItems", "true or false", value => value.ValueKind is JsonValueKind.True or JsonValueKind.False),
    ];

    /// <summary>Looks at the schemas that hold for one value.</summary>
    public static void Check(Conjunction schemas, SchemaReport report)
    {
        foreach ((string keyword, string what, Func<JsonElement, bool> fits) in s_shapes)
        {
            foreach ((Subschema schema, JsonElement value) in schemas.All(keyword))
            {
                if (!fits(value))
                {
                    report.CannotEnforce(schema, keyword, $"it must be {what}.");
                }
            }
        }
    }

    /// <summary>Whether <c>type</c> may have a value.</summary>
    public static bool IsType(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().All(JsonTypes.IsName)
        : JsonTypes.IsName(value);
}
