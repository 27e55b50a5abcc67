using System.Text.Json;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>Schemas put together: <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c>, <c>not</c>, <c>if</c>.</summary>
internal sealed class LogicKeywords(SchemaValidator validator) : IKeywords
{
    /// <inheritdoc/>
    public IEnumerable<string> Violations(Subschema schema, Instance value, Evaluated seen)
    {
        foreach (Subschema part in validator.List(schema, "allOf").Concat(Chosen(schema, value, seen)))
        {
            if (validator.Check(part, value, seen) is { } violation)
            {
                yield return violation;
            }
        }

        foreach (string keyword in (string[])["anyOf", "oneOf"])
        {
            // All of them, though one may be enough: each tells what it looked at.
            bool?[] branches =
                [.. validator.List(schema, keyword).Select(branch => validator.Holds(branch, value, seen))];
            if (branches.Length > 0 && branches.All(holds => holds == false))
            {
                yield return SchemaValidator.Describe(
                    value, schema, keyword, $"must follow one of {branches.Length} schemas, and follows none");
            }

            if (keyword == "oneOf" && branches.Count(holds => holds == true) is > 1 and int count)
            {
                yield return SchemaValidator.Describe(
                    value, schema, keyword, $"must follow one of {branches.Length} schemas only, and follows {count}");
            }
        }

        if (schema.TryGet("not", out JsonElement no)
            && validator.Holds(schema.Below("not", no), value, new Evaluated(0)) == true)
        {
            yield return SchemaValidator.Describe(value, schema, "not", "must not follow this schema");
        }
    }

    // Asked for once allOf holds. What the condition looked at counts where it holds.
    private IEnumerable<Subschema> Chosen(Subschema schema, Instance value, Evaluated seen)
    {
        if (!schema.TryGet("if", out JsonElement condition))
        {
            yield break;
        }

        string? keyword = validator.Holds(schema.Below("if", condition), value, seen) switch
        {
            true => "then",
            false => "else",
            null => null,
        };
        if (keyword is not null && schema.TryGet(keyword, out JsonElement chosen))
        {
            yield return schema.Below(keyword, chosen);
        }
    }
}
