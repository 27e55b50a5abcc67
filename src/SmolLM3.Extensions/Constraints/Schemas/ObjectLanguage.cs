using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>
/// Objects: named properties in the order in which the schemas name them, each at most once; then others, where a schema
/// speaks of them or of no properties at all. Others may repeat a name of their own, as no list of them is kept.
/// </summary>
internal sealed class ObjectLanguage(Grammar grammar, JsonLanguage json, SchemaCompiler compiler, SchemaReport report)
{
    private const int MostProperties = 2_000;

    private readonly ScalarLanguage _scalars = new(grammar, json, report);

    /// <summary>The objects that follow the schemas.</summary>
    public Node Compile(Conjunction schemas)
    {
        ObjectFacts facts = ObjectFacts.Of(schemas, report);
        if (facts.Properties.Count > MostProperties)
        {
            throw new NotSupportedException(
                $"A JSON schema names more than {MostProperties:N0} properties of one object: make it smaller.");
        }

        Node others = Others(schemas, facts);
        if (facts.Least > facts.Required.Count + 1 && !others.IsDead)
        {
            report.CannotEnforce(
                schemas.All("minProperties").First().Schema,
                "minProperties",
                "names of properties that are not in 'properties' may be repeated; name them or close the object.");
        }

        List<(string Name, Node Value, bool IsRequired)> named = [];
        foreach ((string name, List<Subschema> own) in facts.Properties)
        {
            Node value = IsNameAllowed(schemas, name) ? compiler.Compile(own) : grammar.Nothing;
            bool isRequired = facts.Required.Contains(name);
            if (isRequired && value.IsDead)
            {
                return grammar.Nothing;
            }

            if (!value.IsDead)
            {
                named.Add((name, value, isRequired));
            }
        }

        return json.Object(new PropertyChain(grammar, json, named, others, facts.Least, facts.Most).Node);
    }

    /// <summary>Properties without a name of their own: an entry of any of their kinds.</summary>
    private Node Others(Conjunction schemas, ObjectFacts facts)
    {
        List<Node> kinds = [];
        Node free = Names(schemas);
        foreach (string known in facts.Properties.Keys)
        {
            free = Without(free, grammar.Literal(JsonCharacters.Quote(known)[1..^1]));
        }

        foreach ((Subschema schema, string pattern, JsonElement value) in facts.Patterns)
        {
            if (_scalars.Pattern(schema, "patternProperties", pattern) is not { } names)
            {
                continue;
            }

            // A name two patterns match is left to neither: few schemas mean that.
            Node own = facts.Patterns.Where(other => other.Pattern != pattern).Aggregate(
                grammar.Both(free, names),
                (rest, other) => _scalars.Pattern(other.Schema, "patternProperties", other.Pattern) is { } node
                    ? Without(rest, node)
                    : rest);
            IEnumerable<Subschema> values = facts.Patterns.Where(other => other.Pattern == pattern)
                .Select(other => other.Schema.Below("patternProperties", other.Pattern, other.Value))
                .Append(schema.Below("patternProperties", pattern, value));
            Add(kinds, own, values);
        }

        if (facts.IsOpen)
        {
            Node own = facts.Patterns.Aggregate(
                free,
                (rest, other) => _scalars.Pattern(other.Schema, "patternProperties", other.Pattern) is { } node
                    ? Without(rest, node)
                    : rest);
            Add(kinds, own, facts.Additional);
        }

        return grammar.Either(kinds);
    }

    private void Add(List<Node> kinds, Node name, IEnumerable<Subschema> values)
    {
        Node value = compiler.Compile(values);
        Node key = value.IsDead ? value : json.String(name);
        if (!key.IsDead)
        {
            kinds.Add(json.Entry(key, value));
        }
    }

    private Node Without(Node names, Node excluded) => grammar.Both(names, grammar.Not(excluded));

    // The inside of a name that propertyNames allows.
    private Node Names(Conjunction schemas)
    {
        List<Subschema> names =
            [.. schemas.All("propertyNames").Select(found => found.Schema.Below("propertyNames", found.Value))];
        return names.Count == 0 ? json.Plain(0, RepeatNode.Unlimited) : compiler.Names(names, _scalars);
    }

    private bool IsNameAllowed(Conjunction schemas, string name)
    {
        if (!schemas.All("propertyNames").Any())
        {
            return true;
        }

        Node state = Names(schemas);
        foreach (byte value in System.Text.Encoding.UTF8.GetBytes(JsonCharacters.Quote(name)[1..^1]))
        {
            state = state.Step(value);
        }

        return state.IsNullable;
    }
}
