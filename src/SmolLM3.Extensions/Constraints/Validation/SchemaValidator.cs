using System.Runtime.InteropServices;
using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>
/// Checks a value against a JSON schema (2020-12, and draft-07 where it differs): all keywords, also those that cannot
/// be enforced while a model writes. The work is bounded, whatever the schema and the value.
/// </summary>
/// <remarks>
/// <para>A violation is certain; that there is none is not, for some things are not checked: keywords of a wrong shape,
/// references to other documents, dynamic references, references in a circle, patterns that cannot be read or take too
/// long, and everything once the limits of work or depth are met or where half a surrogate pair makes the schema
/// unreadable. What is not checked holds, and where <c>not</c>, <c>oneOf</c>, a condition or an <c>unevaluated…</c>
/// keyword hangs on it, they hold too.</para>
/// <para>As when compiled, other keywords hold beside <c>$ref</c>, unknown formats are annotations, and the known ones
/// are as narrow as <see cref="Patterns.StringFormats"/> says.</para>
/// </remarks>
internal sealed class SchemaValidator
{
    // A thread's stack holds some times as many; a list of 60 links, each reached by four keywords, has less.
    private const int MostDepth = 300;

    // Bytes and members that are looked at, and what it takes to look for all keywords in a schema. A thousand objects
    // of ten properties take a fifth of it; all of it is gone within about a second.
    private const long MostWork = 20_000_000;
    private const int WorkOfSchema = 100;

    private readonly SchemaDocument _document;
    private readonly IKeywords[] _keywords;
    private long _work;
    private int _depth;

    private SchemaValidator(JsonElement schema)
    {
        GrammarWork work = new(CancellationToken.None);
        _document = new SchemaDocument(schema, work);
        PatternMatcher matcher = new(this, work);
        _keywords =
        [
            new ReferenceKeywords(this, _document),
            new ValueKeywords(this),
            new NumberKeywords(this),
            new StringKeywords(this, matcher),
            new ObjectKeywords(this, matcher),
            new ArrayKeywords(this),
            new LogicKeywords(this),

            // After all others: it is about what they left.
            new UnevaluatedKeywords(this),
        ];
    }

    /// <summary>How much was not checked so far.</summary>
    public int Skipped { get; private set; }

    /// <summary>Checks a value.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="value">The value. All its names are whole text.</param>
    /// <returns>The first violation, such as <c>/people/0/age: must be at most 120
    /// (#/properties/people/items/properties/age/maximum)</c>, or null.</returns>
    public static string? FirstViolation(JsonElement schema, JsonElement value)
    {
        try
        {
            SchemaValidator validator = new(schema);
            return validator.Check(validator._document.Root, new Instance("", value), new Evaluated(0));
        }
        catch (Exception error) when (error is TooMuchToCheckException or NotSupportedException)
        {
            // Too much, or too deep.
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which is no text.
            return null;
        }
    }

    /// <summary>The first violation of a schema, or null.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="value">The value.</param>
    /// <param name="seen">Takes what the schema looked at, if it holds.</param>
    public string? Check(Subschema schema, Instance value, Evaluated seen)
    {
        if (schema.Element.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.Element.ValueKind == JsonValueKind.True
                ? null
                : Describe(value, "is not allowed", schema.Pointer);
        }

        if (schema.Element.ValueKind != JsonValueKind.Object)
        {
            Skip();
            return null;
        }

        // Keywords read each of these some times at most. What they do more often they count themselves.
        Spend(WorkOfSchema + schema.Pointer.Length + value.Path.Length + Size(schema.Element) + Size(value.Element));
        if (++_depth > MostDepth)
        {
            throw new TooMuchToCheckException();
        }

        Evaluated own = new(Skipped);
        string? violation =
            _keywords.SelectMany(keywords => keywords.Violations(schema, value, own)).FirstOrDefault();
        _depth--;
        if (violation is null)
        {
            seen.Add(own);
        }

        return violation;
    }

    /// <summary>Whether a schema holds; null where not all of it was checked.</summary>
    /// <inheritdoc cref="Check" path="/param"/>
    public bool? Holds(Subschema schema, Instance value, Evaluated seen)
    {
        int before = Skipped;
        if (Check(schema, value, seen) is null)
        {
            return Skipped == before ? true : null;
        }

        // A violation is certain, whatever else was not checked.
        Skipped = before;
        return false;
    }

    /// <summary>Finds a keyword. One of a wrong shape is not checked.</summary>
    public bool TryGet(Subschema schema, string keyword, JsonValueKind kind, out JsonElement value)
    {
        if (!schema.TryGet(keyword, out value) || value.ValueKind == kind)
        {
            return value.ValueKind == kind;
        }

        Skip();
        return false;
    }

    /// <summary>The schemas of a keyword that is an array of them.</summary>
    public IEnumerable<Subschema> List(Subschema schema, string keyword) =>
        TryGet(schema, keyword, JsonValueKind.Array, out JsonElement all)
            ? all.EnumerateArray().Select((part, index) => schema.Below(keyword, $"{index}", part))
            : [];

    /// <summary>Finds a count. One that is none is not checked.</summary>
    public bool TryGetCount(Subschema schema, string keyword, out int count)
    {
        count = 0;
        if (!schema.TryGet(keyword, out JsonElement value))
        {
            return false;
        }

        bool isCount = SchemaNumbers.TryGetCount(value, out count);
        if (!isCount)
        {
            Skip();
        }

        return isCount;
    }

    /// <summary>Whether two values are the same.</summary>
    public bool AreEqual(JsonElement a, JsonElement b)
    {
        Spend(Math.Min(Size(a), Size(b)));
        return JsonElement.DeepEquals(a, b);
    }

    /// <summary>Takes note of something that is not checked.</summary>
    public void Skip() => Skipped++;

    /// <summary>Takes note of work.</summary>
    /// <exception cref="TooMuchToCheckException">It is too much.</exception>
    public void Spend(int work)
    {
        // One for the call: whatever is counted may be nothing.
        _work += 1 + work;
        if (_work > MostWork)
        {
            throw new TooMuchToCheckException();
        }
    }

    /// <summary>Says what is wrong with a value, and by which keyword.</summary>
    public static string Describe(Instance value, Subschema schema, string keyword, string what) =>
        Describe(value, what, $"{schema.Pointer}/{keyword}");

    /// <summary>Says what is wrong with a value, and where in the schema that stands.</summary>
    public static string Describe(Instance value, string what, string place) =>
        $"{(value.Path.Length > 0 ? value.Path : "(root)")}: {what} ({place})";

    private static int Size(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Length;
}
