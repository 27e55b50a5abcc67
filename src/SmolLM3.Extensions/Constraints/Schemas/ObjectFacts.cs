using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>What schemas say about the properties of an object, put together.</summary>
internal sealed record ObjectFacts
{
    private const int MostProperties = 2_000;

    /// <summary>The named properties in order, with all that their values must follow.</summary>
    public required OrderedDictionary<string, List<Subschema>> Properties { get; init; }

    /// <summary>Names that must be there; all of them are among the properties.</summary>
    public required HashSet<string> Required { get; init; }

    /// <summary>The <c>patternProperties</c>.</summary>
    public required List<(Subschema Schema, string Pattern, JsonElement Value)> Patterns { get; init; }

    /// <summary>Whether properties nobody named may be written.</summary>
    public required bool IsOpen { get; init; }

    /// <summary>What their values must follow.</summary>
    public required List<Subschema> Additional { get; init; }

    /// <summary>Least number of properties.</summary>
    public required int Least { get; init; }

    /// <summary>Most number of properties.</summary>
    public required int Most { get; init; }

    /// <summary>Puts together what schemas say.</summary>
    /// <exception cref="NotSupportedException">They name too many properties.</exception>
    public static ObjectFacts Of(Conjunction schemas, ScalarLanguage scalars, SchemaReport report)
    {
        HashSet<string> required = [.. RequiredNames(schemas)];
        OrderedDictionary<string, List<Subschema>> properties = new(StringComparer.Ordinal);
        foreach ((_, JsonElement named) in schemas.All("properties"))
        {
            if (named.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in named.EnumerateObject())
                {
                    properties.TryAdd(property.Name, []);
                }
            }
        }

        foreach (string name in required)
        {
            properties.TryAdd(name, []);
        }

        if (properties.Count > MostProperties)
        {
            throw new NotSupportedException(
                $"A JSON schema names more than {MostProperties:N0} properties of one object: make it smaller.");
        }

        // Each is looked for in every schema, among all of its names.
        schemas.Work.Spend((long)properties.Count * ((8 * schemas.Members.Count) + (properties.Count / 4)));
        foreach ((string name, List<Subschema> own) in properties)
        {
            own.AddRange(schemas.Members.SelectMany(schema => Of(schema, name, scalars)));
        }

        return new ObjectFacts
        {
            Properties = properties,
            Required = required,
            Patterns = [.. schemas.Members.SelectMany(Patterned)],
            IsOpen = IsOpenObject(schemas, properties.Count > 0),
            Additional = [.. schemas.Members.SelectMany(Extra)],
            Least = SchemaNumbers.Bound(schemas, "minProperties", report)?.Least ?? 0,
            Most = SchemaNumbers.Bound(schemas, "maxProperties", report)?.Most ?? RepeatNode.Unlimited,
        };
    }

    // Nobody writes what no schema speaks of, unless the object would have nothing at all.
    private static bool IsOpenObject(Conjunction schemas, bool hasNames) =>
        !schemas.All("additionalProperties").Any(found => found.Value.ValueKind == JsonValueKind.False)
        && !schemas.All("unevaluatedProperties").Any(found => found.Value.ValueKind == JsonValueKind.False)
        && (schemas.All("additionalProperties").Any()
            || (!hasNames && !schemas.All("patternProperties").Any() && !schemas.All("properties").Any()));

    private static IEnumerable<string> RequiredNames(Conjunction schemas) => schemas.All("required")
        .Where(found => found.Value.ValueKind == JsonValueKind.Array)
        .SelectMany(found => found.Value.EnumerateArray())
        .Where(name => name.ValueKind == JsonValueKind.String)
        .Select(name => name.GetString()!);

    private static IEnumerable<Subschema> Of(Subschema schema, string name, ScalarLanguage scalars)
    {
        bool isKnown = false;
        if (schema.TryGet("properties", out JsonElement named) && named.ValueKind == JsonValueKind.Object
            && named.TryGetProperty(name, out JsonElement own))
        {
            isKnown = true;
            yield return schema.Below("properties", name, own);
        }

        foreach ((Subschema at, string pattern, JsonElement value) in Patterned(schema))
        {
            if (scalars.Pattern(at, "patternProperties", pattern) is { } names
                && ScalarLanguage.Allows(names, JsonCharacters.Quote(name)[1..^1]))
            {
                isKnown = true;
                yield return at.Below("patternProperties", pattern, value);
            }
        }

        if (!isKnown)
        {
            foreach (Subschema extra in Extra(schema))
            {
                yield return extra;
            }
        }
    }

    private static IEnumerable<(Subschema Schema, string Pattern, JsonElement Value)> Patterned(Subschema schema) =>
        schema.TryGet("patternProperties", out JsonElement patterns) && patterns.ValueKind == JsonValueKind.Object
            ? patterns.EnumerateObject().Select(property => (schema, property.Name, property.Value))
            : [];

    /// <summary>What a schema says of properties it does not name.</summary>
    public static IEnumerable<Subschema> Extra(Subschema schema)
    {
        foreach (string keyword in (string[])["additionalProperties", "unevaluatedProperties"])
        {
            if (schema.TryGet(keyword, out JsonElement value) && SchemaDocument.IsSchema(value)
                && !(keyword == "unevaluatedProperties" && value.ValueKind == JsonValueKind.False))
            {
                yield return schema.Below(keyword, value);
            }
        }
    }
}
