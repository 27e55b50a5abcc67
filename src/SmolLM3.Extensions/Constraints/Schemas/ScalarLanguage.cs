using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Numbers;
using SmolLM3.Extensions.Constraints.Patterns;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Strings and numbers.</summary>
internal sealed class ScalarLanguage(Grammar grammar, JsonLanguage json, SchemaReport report)
{
    // Each is a level of nodes, and one step goes through all of them.
    private const int MostRestrictions = 100;

    private readonly Dictionary<string, Node> _patterns = new(StringComparer.Ordinal);

    private static readonly string[] s_stringKeywords = ["minLength", "maxLength", "pattern", "format"];
    private static readonly string[] s_numberKeywords =
        ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

    /// <summary>Whether the schemas say something about strings.</summary>
    public static bool RestrictsStrings(Conjunction schemas) => s_stringKeywords.Any(word => schemas.All(word).Any());

    /// <summary>Whether the schemas say something about numbers.</summary>
    public static bool RestrictsNumbers(Conjunction schemas) => s_numberKeywords.Any(word => schemas.All(word).Any());

    /// <summary>The strings that follow the schemas.</summary>
    public Node String(Conjunction schemas) =>
        RestrictsStrings(schemas) ? json.String(Content(schemas, isKey: false)) : json.AnyString;

    /// <summary>The insides of those strings.</summary>
    /// <param name="schemas">The schemas.</param>
    /// <param name="isKey">Whether each is written in one form only.</param>
    public Node Content(Conjunction schemas, bool isKey)
    {
        int least = SchemaNumbers.Bound(schemas, "minLength", report)?.Least ?? 0;
        int most = SchemaNumbers.Bound(schemas, "maxLength", report)?.Most ?? RepeatNode.Unlimited;
        List<(Subschema Schema, string Keyword, Node Node)> parts = [.. Patterns(schemas), .. Formats(schemas)];
        Node any = isKey || parts.Count > 0 ? json.Plain(least, most) : json.Characters(least, most);
        bool isWithin = parts.Count > 0 && (least == 0 || (least == 1 && !parts[0].Node.IsNullable))
            && LongestText.Of(parts[0].Node) <= most;
        Node content = isWithin ? parts[0].Node : any;
        foreach ((int index, (Subschema schema, string keyword, Node node)) in parts.Index())
        {
            if (index >= MostRestrictions)
            {
                report.CannotEnforce(
                    schema, keyword, $"more than {MostRestrictions} patterns and formats are too many together.");
                break;
            }

            content = Restrict(content, node, schema, keyword);
        }

        return content;
    }

    /// <summary>The numbers that follow the schemas.</summary>
    /// <param name="schemas">The schemas.</param>
    /// <param name="isInteger">Whether they must be integers.</param>
    public Node Number(Conjunction schemas, bool isInteger)
    {
        NumberBounds bounds = SchemaNumbers.Bounds(schemas, report);
        Node? multiples = null;
        if (schemas.All("multipleOf").Any())
        {
            (Subschema schema, _) = schemas.All("multipleOf").First();
            try
            {
                multiples = MultipleLanguage.Of(grammar, SchemaNumbers.Divisor(schemas), bounds);
            }
            catch (NotSupportedException error)
            {
                report.CannotEnforce(schema, "multipleOf", error.Message);
            }
        }

        return grammar.Atom(multiples ?? (isInteger
            ? IntegerLanguage.Within(grammar, bounds)
            : DecimalLanguage.Within(grammar, bounds)));
    }

    /// <summary>Whether the schemas let a number pass.</summary>
    public bool AllowsNumber(Conjunction schemas, decimal number) =>
        SchemaNumbers.Bounds(schemas, report).Contains(number)
        && schemas.All("multipleOf").All(found => found.Value.ValueKind == JsonValueKind.Number
            && found.Value.TryGetDecimal(out decimal divisor) && divisor > 0 && number % divisor == 0);

    private Node Restrict(Node content, Node node, Subschema schema, string keyword)
    {
        if (ReferenceEquals(content, node))
        {
            return content;
        }

        Node both = grammar.Both(content, node);
        try
        {
            return Liveness.IsLive(both, grammar.Work) ? both : grammar.Nothing;
        }
        catch (GrammarTooComplexException error)
        {
            report.CannotEnforce(schema, keyword, error.Message);
            return content;
        }
    }

    private IEnumerable<(Subschema Schema, string Keyword, Node Node)> Patterns(Conjunction schemas)
    {
        foreach ((Subschema schema, JsonElement value) in schemas.All("pattern"))
        {
            if (value.ValueKind == JsonValueKind.String && Pattern(schema, "pattern", value.GetString()!) is { } node)
            {
                yield return (schema, "pattern", node);
            }
        }
    }

    /// <summary>Whether a text, written as the language writes it, is in it.</summary>
    public static bool Allows(Node language, string text)
    {
        language.Grammar.Work.Spend(4 + text.Length);
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            language = language.Step(value);
        }

        return language.IsNullable;
    }

    /// <summary>The insides of strings in which a pattern is found, or null where it cannot be enforced.</summary>
    public Node? Pattern(Subschema schema, string keyword, string pattern)
    {
        if (_patterns.TryGetValue(pattern, out Node? known))
        {
            return known;
        }

        try
        {
            return _patterns[pattern] = PatternParser.Parse(grammar, pattern);
        }
        catch (NotSupportedException error)
        {
            report.CannotEnforce(schema, keyword, error.Message);
            return null;
        }
    }

    // Formats nobody knows are annotations.
    private IEnumerable<(Subschema Schema, string Keyword, Node Node)> Formats(Conjunction schemas)
    {
        foreach ((Subschema schema, JsonElement value) in schemas.All("format"))
        {
            if (value.ValueKind == JsonValueKind.String
                && StringFormats.Find(grammar, value.GetString()!) is { } format)
            {
                yield return (schema, "format", format);
            }
        }
    }
}
