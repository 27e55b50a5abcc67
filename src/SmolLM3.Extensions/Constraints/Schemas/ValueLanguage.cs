using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>The values that follow schemas whose branches are chosen: type by type, or one of the constants.</summary>
internal sealed class ValueLanguage(Grammar grammar, JsonLanguage json, SchemaCompiler compiler, SchemaReport report)
{
    private static readonly (string Keyword, string Why)[] s_unsupported =
    [
        ("not", "what may not be is not known before it is written."),
        ("if", "conditions are not followed; use anyOf with const."),
        ("dependentRequired", "dependencies between properties are not followed; use anyOf."),
        ("dependentSchemas", "dependencies between properties are not followed; use anyOf."),
        ("dependencies", "dependencies between properties are not followed; use anyOf."),
        ("unevaluatedItems", "which items were looked at is not known; use items."),
        ("$dynamicRef", "dynamic references are not followed; use $ref."),
        ("$recursiveRef", "dynamic references are not followed; use $ref."),
    ];

    private readonly ScalarLanguage _scalars = new(grammar, json, report);
    private readonly ArrayLanguage _arrays = new(grammar, json, compiler, report);
    private readonly ObjectLanguage _objects = new(grammar, json, compiler, report);

    /// <summary>All values that follow all of the schemas.</summary>
    public Node Compile(Conjunction schemas)
    {
        foreach ((string keyword, string why) in s_unsupported)
        {
            foreach ((Subschema schema, _) in schemas.All(keyword))
            {
                report.CannotEnforce(schema, keyword, why);
            }
        }

        KeywordShapes.Check(schemas, report);
        JsonType types = JsonTypes.Meant(schemas);
        return Constants.Of(schemas) is { } constants
            ? grammar.Either(constants.Select(constant => Constant(constant, schemas, types)))
            : OfTypes(schemas, types);
    }

    private Node OfTypes(Conjunction schemas, JsonType types)
    {
        if (types == JsonType.All && !JsonTypes.Restricts(schemas))
        {
            return json.Any;
        }

        List<Node> options = [];
        if (types.HasFlag(JsonType.Object))
        {
            options.Add(_objects.Compile(schemas));
        }

        if (types.HasFlag(JsonType.Array))
        {
            options.Add(_arrays.Compile(schemas));
        }

        if (types.HasFlag(JsonType.String))
        {
            options.Add(_scalars.String(schemas));
        }

        if ((types & JsonType.Number) != 0)
        {
            options.Add(_scalars.Number(schemas, isInteger: !types.HasFlag(JsonType.Fraction)));
        }

        if (types.HasFlag(JsonType.Boolean))
        {
            options.Add(json.Boolean);
        }

        if (types.HasFlag(JsonType.Null))
        {
            options.Add(json.Null);
        }

        return grammar.Either(options);
    }

    // A constant stands as it is, if the rest of the schemas let it pass.
    private Node Constant(JsonElement value, Conjunction schemas, JsonType types)
    {
        JsonType type = JsonTypes.OfValue(value);
        if ((type & types) == 0)
        {
            return grammar.Nothing;
        }

        Node text = grammar.Literal(ConstantText.Write(value));
        switch (type)
        {
            case JsonType.String:
                return !ScalarLanguage.RestrictsStrings(schemas)
                    || ScalarLanguage.Allows(_scalars.String(schemas), ConstantText.Write(value))
                    ? text
                    : grammar.Nothing;
            case JsonType.Integer or JsonType.Fraction:
                return !ScalarLanguage.RestrictsNumbers(schemas)
                    || (value.TryGetDecimal(out decimal number) && _scalars.AllowsNumber(schemas, number))
                    ? text
                    : grammar.Nothing;
            case JsonType.Object or JsonType.Array when JsonTypes.RestrictsWholes(schemas):
                foreach ((Subschema schema, _) in schemas.All("enum").Concat(schemas.All("const")))
                {
                    report.CannotEnforce(
                        schema, "enum", "objects and arrays as constants are not checked against other keywords.");
                }

                return text;
            default:
                return text;
        }
    }
}
