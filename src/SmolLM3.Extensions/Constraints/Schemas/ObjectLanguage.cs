using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>
/// Objects: named properties in the order in which the schemas name them, each at most once; then others, where a schema
/// speaks of them or of no properties at all. Others may repeat a name of their own, as no list of them is kept.
/// </summary>
internal sealed class ObjectLanguage(Grammar grammar, JsonLanguage json, SchemaCompiler compiler, SchemaReport report)
{
    private readonly ScalarLanguage _scalars = new(grammar, json, report);

    /// <summary>The objects that follow the schemas.</summary>
    public Node Compile(Conjunction schemas)
    {
        ObjectFacts facts = ObjectFacts.Of(schemas, _scalars, report);
        Node names = Names(schemas);
        Node others = Others(schemas, names, facts);
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
            bool isAllowed = ScalarLanguage.Allows(names, JsonCharacters.Quote(name)[1..^1]);
            Node value = isAllowed ? compiler.Compile(own) : grammar.Nothing;
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
    private Node Others(Conjunction schemas, Node names, ObjectFacts facts)
    {
        List<Node> kinds = [];
        Node free = Without(
            names, facts.Properties.Keys.Select(name => grammar.Literal(JsonCharacters.Quote(name)[1..^1])));
        ILookup<string, (Subschema Schema, string Pattern, JsonElement Value)> patterns =
            facts.Patterns.ToLookup(found => found.Pattern);
        Dictionary<string, Node> matched = [];
        foreach (var pattern in patterns)
        {
            if (_scalars.Pattern(pattern.First().Schema, "patternProperties", pattern.Key) is { } node)
            {
                matched.Add(pattern.Key, node);
            }
        }

        foreach ((string pattern, Node node) in matched)
        {
            // A name two patterns match is left to neither: few schemas mean that.
            Node own = Without(
                grammar.Both(free, node), matched.Where(other => other.Key != pattern).Select(other => other.Value));
            IEnumerable<Subschema> values = patterns[pattern]
                .Select(found => found.Schema.Below("patternProperties", pattern, found.Value));
            IEnumerable<Subschema> extra = schemas.Members
                .Where(schema => !patterns[pattern].Any(found => found.Schema == schema))
                .SelectMany(ObjectFacts.Extra);
            Add(kinds, own, values.Concat(extra));
        }

        if (facts.IsOpen)
        {
            Add(kinds, Without(free, matched.Values), facts.Additional);
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

    private Node Without(Node names, IEnumerable<Node> excluded) =>
        grammar.Both(names, grammar.Not(grammar.Either(excluded)));

    // The inside of a name that propertyNames allows.
    private Node Names(Conjunction schemas)
    {
        List<Subschema> names =
            [.. schemas.All("propertyNames").Select(found => found.Schema.Below("propertyNames", found.Value))];
        return names.Count == 0 ? json.Plain(0, RepeatNode.Unlimited) : compiler.Names(names, _scalars);
    }
}
