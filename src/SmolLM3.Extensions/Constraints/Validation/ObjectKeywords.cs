using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>Properties of objects: how many, which, their names and values.</summary>
internal sealed class ObjectKeywords(SchemaValidator validator, PatternMatcher matcher) : IKeywords
{
    private static readonly string[] s_dependencies = ["dependentRequired", "dependentSchemas", "dependencies"];

    /// <inheritdoc/>
    public IEnumerable<string> Violations(Subschema schema, Instance value, Evaluated seen)
    {
        if (value.Element.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        OrderedDictionary<string, JsonElement> properties = new(
            JsonText.Properties(value.Element), StringComparer.Ordinal);
        return Counted(schema, value, properties.Count)
            .Concat(schema.TryGet("required", out JsonElement names)
                ? Required(schema.Below("required", names), value, properties)
                : [])
            .Concat(s_dependencies.SelectMany(keyword => Dependent(schema, keyword, value, properties, seen)))
            .Concat(properties.SelectMany(property => Named(schema, value, property.Key, property.Value, seen)));
    }

    private IEnumerable<string> Counted(Subschema schema, Instance value, int count)
    {
        if (validator.TryGetCount(schema, "minProperties", out int least) && count < least)
        {
            yield return SchemaValidator.Describe(
                value, schema, "minProperties", $"must have {least} or more properties");
        }

        if (validator.TryGetCount(schema, "maxProperties", out int most) && count > most)
        {
            yield return SchemaValidator.Describe(
                value, schema, "maxProperties", $"must have {most} or fewer properties");
        }
    }

    private IEnumerable<string> Required(
        Subschema names, Instance value, OrderedDictionary<string, JsonElement> properties)
    {
        if (names.Element.ValueKind != JsonValueKind.Array
            || names.Element.EnumerateArray().Any(name => name.ValueKind != JsonValueKind.String))
        {
            validator.Skip();
            yield break;
        }

        foreach (JsonElement name in names.Element.EnumerateArray())
        {
            if (!properties.ContainsKey(name.GetString()!))
            {
                yield return SchemaValidator.Describe(
                    value, $"must have the property {name.GetRawText()}", names.Pointer);
            }
        }
    }

    // What holds if a property is there: other properties in an array, or a schema. Draft-07 had one keyword for both.
    private IEnumerable<string> Dependent(
        Subschema schema,
        string keyword,
        Instance value,
        OrderedDictionary<string, JsonElement> properties,
        Evaluated seen)
    {
        if (!validator.TryGet(schema, keyword, JsonValueKind.Object, out JsonElement dependencies))
        {
            yield break;
        }

        foreach (JsonProperty dependency in dependencies.EnumerateObject())
        {
            if (!properties.ContainsKey(dependency.Name))
            {
                continue;
            }

            Subschema then = schema.Below(keyword, dependency.Name, dependency.Value);
            bool isNames = dependency.Value.ValueKind == JsonValueKind.Array;
            IEnumerable<string> violations = isNames ? Required(then, value, properties) : Check(then, value, seen);
            foreach (string violation in violations)
            {
                yield return violation;
            }
        }
    }

    private IEnumerable<string> Named(
        Subschema schema, Instance value, string name, JsonElement element, Evaluated seen)
    {
        Instance property = value.Below(name, element);
        IEnumerable<string> violations =
            Own(schema, name, seen).SelectMany(own => Check(own, property, new Evaluated(0)));
        if (schema.TryGet("propertyNames", out JsonElement names))
        {
            Instance text = property with { Element = JsonElement.Parse(JsonCharacters.Quote(name)) };
            violations = Check(schema.Below("propertyNames", names), text, new Evaluated(0)).Concat(violations);
        }

        return violations;
    }

    /// <summary>What the value of a property must follow.</summary>
    private List<Subschema> Own(Subschema schema, string name, Evaluated seen)
    {
        List<Subschema> found = [];
        bool isCertain = true;
        if (validator.TryGet(schema, "properties", JsonValueKind.Object, out JsonElement named))
        {
            validator.Spend(named.GetPropertyCount());
            if (named.TryGetProperty(name, out JsonElement own))
            {
                found.Add(schema.Below("properties", name, own));
            }
        }

        if (validator.TryGet(schema, "patternProperties", JsonValueKind.Object, out JsonElement patterns))
        {
            foreach (JsonProperty pattern in patterns.EnumerateObject())
            {
                bool? matches = matcher.Matches(pattern.Name, name);
                isCertain &= matches is not null;
                if (matches == true)
                {
                    found.Add(schema.Below("patternProperties", pattern.Name, pattern.Value));
                }
            }
        }

        // Where a pattern could not be tried, it may be the one that knows the name.
        if (found.Count == 0 && isCertain && schema.TryGet("additionalProperties", out JsonElement additional))
        {
            found.Add(schema.Below("additionalProperties", additional));
        }

        if (found.Count > 0)
        {
            seen.Names.Add(name);
        }

        return found;
    }

    private IEnumerable<string> Check(Subschema schema, Instance value, Evaluated seen)
    {
        if (validator.Check(schema, value, seen) is { } violation)
        {
            yield return violation;
        }
    }
}
