using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Schemas that hold together: one, with all that <c>$ref</c> and <c>allOf</c> add to it.</summary>
internal sealed class Conjunction
{
    private readonly List<Subschema> _members = [];
    private readonly HashSet<string> _pointers = new(StringComparer.Ordinal);

    private Conjunction(GrammarWork work, IEnumerable<string> chosen) =>
        (Work, Chosen) = (work, new HashSet<string>(chosen, StringComparer.Ordinal));

    /// <summary>What goes over its schemas counts there.</summary>
    public GrammarWork Work { get; }

    /// <summary>The schemas, none of them boolean.</summary>
    public IReadOnlyList<Subschema> Members => _members;

    /// <summary>Whether one of them is <c>false</c>.</summary>
    public bool IsFalse { get; private set; }

    /// <summary>Pointers of the <c>anyOf</c> and <c>oneOf</c> of which a branch is among the members.</summary>
    public IReadOnlySet<string> Chosen { get; }

    /// <summary>The same for the same schemas.</summary>
    public string Key => string.Join('\n', _pointers.Order(StringComparer.Ordinal)) + '\n'
        + string.Join('\r', Chosen.Order(StringComparer.Ordinal));

    /// <summary>Puts schemas together.</summary>
    public static Conjunction Of(IEnumerable<Subschema> schemas, SchemaDocument document, SchemaReport report)
    {
        Conjunction all = new(document.Work, []);
        all.Add(schemas, document, report);
        return all;
    }

    /// <summary>With a branch of each of some <c>anyOf</c> and <c>oneOf</c>.</summary>
    public Conjunction With(
        IEnumerable<Subschema> branches, IEnumerable<string> chosen, SchemaDocument document, SchemaReport report)
    {
        Conjunction all = new(document.Work, Chosen.Concat(chosen));
        all.Add([.. _members, .. branches], document, report);
        return all;
    }

    /// <summary>Every value of a keyword, with the schema it stands in.</summary>
    public IEnumerable<(Subschema Schema, JsonElement Value)> All(string keyword)
    {
        Work.Spend(_members.Count);
        foreach (Subschema member in _members)
        {
            if (member.TryGet(keyword, out JsonElement value))
            {
                Work.Spend(value.ValueKind == JsonValueKind.Array ? 4L * value.GetArrayLength() : 1);
                yield return (member, value);
            }
        }
    }

    private void Add(IEnumerable<Subschema> schemas, SchemaDocument document, SchemaReport report)
    {
        Queue<Subschema> open = new(schemas);
        while (open.TryDequeue(out Subschema schema))
        {
            // Looking for keywords goes over all there are, and keys are made of pointers.
            bool isObject = schema.Element.ValueKind == JsonValueKind.Object;
            Work.Spend(30 + (schema.Pointer.Length / 4) + (isObject ? 8L * schema.Element.GetPropertyCount() : 0));
            if (schema.Element.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                IsFalse |= schema.Element.ValueKind == JsonValueKind.False;
            }
            else if (!SchemaDocument.IsSchema(schema.Element))
            {
                report.CannotEnforce(schema, "", "a schema must be an object or a boolean.");
            }
            else if (_pointers.Add(schema.Pointer))
            {
                _members.Add(schema);
                AddReferences(schema, open, document, report);
            }
        }
    }

    private static void AddReferences(
        Subschema schema, Queue<Subschema> open, SchemaDocument document, SchemaReport report)
    {
        if (schema.TryGet("$ref", out JsonElement reference))
        {
            if (reference.ValueKind == JsonValueKind.String
                && document.TryResolve(schema, reference.GetString()!, out Subschema target))
            {
                open.Enqueue(target);
            }
            else
            {
                report.CannotEnforce(
                    schema, "$ref", "it must point to a schema in the same document ('#', '#/$defs/name', an anchor).");
            }
        }

        if (!schema.TryGet("allOf", out JsonElement parts))
        {
            return;
        }

        if (parts.ValueKind != JsonValueKind.Array)
        {
            report.CannotEnforce(schema, "allOf", "it must be an array of schemas.");
            return;
        }

        int index = 0;
        foreach (JsonElement part in parts.EnumerateArray())
        {
            open.Enqueue(schema.Below("allOf", $"{index++}", part));
        }
    }
}
