using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>
/// Turns a JSON schema (2020-12 or draft-07) into the language of values that follow it, in one layout. Every text of
/// that language follows the schema; where a schema leaves something open, such as properties nobody named, the language
/// may hold less than the schema allows. Annotations are never errors.
/// </summary>
internal sealed class SchemaCompiler
{
    // Against schemas made to hurt. Real ones of whole APIs stay far below.
    private const int MostSchemas = 20_000;
    private const int MostBranches = 256;
    private const int MostDepth = 100;
    private const int MostDisjoint = 64;

    private readonly Grammar _grammar;
    private readonly SchemaDocument _document;
    private readonly SchemaReport _report;
    private readonly Dictionary<string, Node?> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RuleNode> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _disjoint = new(StringComparer.Ordinal);
    private readonly ValueLanguage _values;
    private int _depth;

    private SchemaCompiler(Grammar grammar, JsonLanguage json, JsonElement schema, SchemaReport report)
    {
        (_grammar, _report) = (grammar, report);
        _document = new SchemaDocument(schema, grammar.Work);
        _values = new ValueLanguage(grammar, json, this, report);
    }

    /// <summary>Compiles a schema.</summary>
    /// <param name="grammar">Where its nodes go.</param>
    /// <param name="json">JSON in that grammar.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="report">Takes what cannot be enforced.</param>
    /// <param name="also">Schemas that hold beside it.</param>
    /// <exception cref="NotSupportedException">It holds what the report refuses, is followed by no value, or is too
    /// large or deep.</exception>
    /// <exception cref="OperationCanceledException">The grammar's work was cancelled.</exception>
    public static Node Compile(
        Grammar grammar,
        JsonLanguage json,
        JsonElement schema,
        SchemaReport report,
        params IEnumerable<Subschema> also)
    {
        try
        {
            SchemaCompiler compiler = new(grammar, json, schema, report);
            Node node = compiler.Compile([compiler._document.Root, .. also]);
            return Productivity.Holds(node, grammar.Work)
                ? node
                : throw new NotSupportedException("No finite JSON value follows the JSON schema: its parts contradict "
                    + "each other, or it requires itself.");
        }
        catch (GrammarTooComplexException error)
        {
            throw new NotSupportedException($"The JSON schema is too large to be enforced: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new NotSupportedException(
                "The JSON schema cannot be read: it holds half a surrogate pair, which is no text.", error);
        }
    }

    /// <summary>The values that follow all of some schemas.</summary>
    public Node Compile(IEnumerable<Subschema> schemas) => Compile(Conjunction.Of(schemas, _document, _report));

    /// <summary>The insides of strings that follow all of some schemas, for names of properties.</summary>
    public Node Names(IEnumerable<Subschema> schemas, ScalarLanguage scalars)
    {
        Conjunction all = Conjunction.Of(schemas, _document, _report);
        if (all.IsFalse || !JsonTypes.Of(all).HasFlag(JsonType.String))
        {
            return _grammar.Nothing;
        }

        foreach (string keyword in (string[])["anyOf", "oneOf", "not", "if"])
        {
            foreach ((Subschema schema, _) in all.All(keyword))
            {
                _report.CannotEnforce(schema, keyword, "it is not followed in 'propertyNames'; use pattern or enum.");
            }
        }

        Node any = scalars.Content(all, isKey: true);
        return Constants.Of(all) is { } names
            ? _grammar.Either(names.Where(name => name.ValueKind == JsonValueKind.String)
                .Select(name => JsonCharacters.Quote(JsonText.Value(name))[1..^1])
                .Where(name => ScalarLanguage.Allows(any, name))
                .Select(_grammar.Literal))
            : any;
    }

    private Node Compile(Conjunction schemas)
    {
        // Before it is looked up: the key names what stands beside false, which is often nothing.
        if (schemas.IsFalse)
        {
            return _grammar.Nothing;
        }

        string key = schemas.Key;
        if (_nodes.TryGetValue(key, out Node? known))
        {
            return known ?? (_rules.TryGetValue(key, out RuleNode? rule) ? rule : _rules[key] = _grammar.Rule());
        }

        if (_nodes.Count >= MostSchemas || _depth >= MostDepth)
        {
            throw new NotSupportedException(
                $"The JSON schema has more than {MostSchemas:N0} parts or is nested deeper than {MostDepth}: "
                + "make it smaller.");
        }

        _nodes.Add(key, null);
        _depth++;
        Node node = CompileBranches(schemas);
        _depth--;
        if (_rules.TryGetValue(key, out RuleNode? self))
        {
            self.Body = node;
            node = node.IsDead ? node : self;
        }

        return _nodes[key] = node;
    }

    // Where there are anyOf or oneOf, every choice of branches is compiled with what stands beside them.
    private Node CompileBranches(Conjunction schemas)
    {
        // One group at a time: the others are met again with each of its branches.
        (string pointer, Subschema[] branches) = Groups(schemas).FirstOrDefault();
        return branches is null ? _values.Compile(schemas) : _grammar.Either(branches.Select(
            branch => Compile(schemas.With([branch], [pointer], _document, _report))));
    }

    private bool AreDisjoint(string pointer, Subschema[] branches)
    {
        if (!_disjoint.TryGetValue(pointer, out bool holds))
        {
            _disjoint.Add(pointer, holds = branches.Length <= MostDisjoint
                && Disjointness.Holds(branches, _document, _report));
        }

        return holds;
    }

    private IEnumerable<(string Pointer, Subschema[] Branches)> Groups(Conjunction schemas)
    {
        foreach (string keyword in (string[])["anyOf", "oneOf"])
        {
            foreach ((Subschema schema, JsonElement value) in schemas.All(keyword))
            {
                string pointer = $"{schema.Pointer}/{keyword}";
                if (schemas.Chosen.Contains(pointer))
                {
                    continue;
                }

                if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MostBranches)
                {
                    _report.CannotEnforce(
                        schema, keyword, $"it must be an array of 1 to {MostBranches} schemas.");
                    continue;
                }

                Subschema[] branches = [.. value.EnumerateArray().Select(
                    (branch, index) => schema.Below(keyword, $"{index}", branch))];
                if (keyword == "oneOf" && !AreDisjoint(pointer, branches))
                {
                    _report.CannotEnforce(
                        schema, keyword, "its branches are not provably disjoint by type, const or enum; use anyOf.");
                }

                yield return (pointer, branches);
            }
        }
    }
}
