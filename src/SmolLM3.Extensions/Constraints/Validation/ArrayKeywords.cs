using System.Text.Json;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>Items of arrays: how many, which, and whether they differ.</summary>
internal sealed class ArrayKeywords(SchemaValidator validator) : IKeywords
{
    /// <inheritdoc/>
    public IEnumerable<string> Violations(Subschema schema, Instance value, Evaluated seen)
    {
        if (value.Element.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        Instance[] items =
            [.. value.Element.EnumerateArray().Select((item, place) => value.Below($"{place}", item))];
        return Counted(schema, value, items.Length)
            .Concat(Unique(schema, value, items))
            .Concat(Placed(schema, items, seen))
            .Concat(Contained(schema, value, items, seen));
    }

    private IEnumerable<string> Counted(Subschema schema, Instance value, int count)
    {
        if (validator.TryGetCount(schema, "minItems", out int least) && count < least)
        {
            yield return SchemaValidator.Describe(value, schema, "minItems", $"must have {least} or more items");
        }

        if (validator.TryGetCount(schema, "maxItems", out int most) && count > most)
        {
            yield return SchemaValidator.Describe(value, schema, "maxItems", $"must have {most} or fewer items");
        }
    }

    private IEnumerable<string> Unique(Subschema schema, Instance value, Instance[] items)
    {
        if (!schema.TryGet("uniqueItems", out JsonElement unique) || unique.ValueKind != JsonValueKind.True)
        {
            yield break;
        }

        for (int place = 1; place < items.Length; place++)
        {
            if (Array.FindIndex(
                items, 0, place, other => validator.AreEqual(other.Element, items[place].Element)) is >= 0 and int same)
            {
                yield return SchemaValidator.Describe(
                    value,
                    schema,
                    "uniqueItems",
                    $"must have no item twice, but items {same} and {place} are the same");
            }
        }
    }

    private IEnumerable<string> Placed(Subschema schema, Instance[] items, Evaluated seen)
    {
        int prefix = ItemSchemas.Prefix(schema);
        for (int place = 0; place < items.Length; place++)
        {
            // The schema of a place is found by counting.
            validator.Spend(Math.Min(place, prefix));
            if (ItemSchemas.At(schema, place) is not { } own)
            {
                continue;
            }

            seen.Places.Add(place);
            if (validator.Check(own, items[place], new Evaluated(0)) is { } violation)
            {
                yield return violation;
            }
        }
    }

    private IEnumerable<string> Contained(Subschema schema, Instance value, Instance[] items, Evaluated seen)
    {
        if (!schema.TryGet("contains", out JsonElement contains))
        {
            yield break;
        }

        bool?[] fits =
            [.. items.Select(item => validator.Holds(schema.Below("contains", contains), item, new Evaluated(0)))];
        seen.Places.UnionWith(Enumerable.Range(0, fits.Length).Where(place => fits[place] == true));
        int certain = fits.Count(fit => fit == true), possible = fits.Count(fit => fit != false);
        int least = 1;
        if (schema.TryGet("minContains", out _) && !validator.TryGetCount(schema, "minContains", out least))
        {
            yield break;
        }

        if (possible < least)
        {
            yield return SchemaValidator.Describe(
                value, schema, least == 1 ? "contains" : "minContains", $"must contain {least} or more such items");
        }

        if (validator.TryGetCount(schema, "maxContains", out int most) && certain > most)
        {
            yield return SchemaValidator.Describe(
                value, schema, "maxContains", $"must contain {most} or fewer such items");
        }
    }
}
