using System.Globalization;
using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>A schema with all it defines: finds what references point to.</summary>
internal sealed class SchemaDocument
{
    // What stands under these is no schema.
    private static readonly string[] s_values = ["const", "enum", "default", "examples"];

    // Readers of JSON stop at 64 unless told otherwise; what goes over constants calls itself.
    private const int MostDepth = 500;

    private readonly Dictionary<string, Subschema> _named = new(StringComparer.Ordinal);

    private readonly List<string> _bases = [];

    /// <summary>Reads a schema.</summary>
    /// <param name="root">The schema.</param>
    /// <param name="work">What reading and searching it counts as.</param>
    /// <exception cref="NotSupportedException">It is too deep.</exception>
    public SchemaDocument(JsonElement root, GrammarWork work)
    {
        (Root, Work) = (new Subschema("#", root), work);
        FindNames();
    }

    /// <summary>What searching it counts as.</summary>
    public GrammarWork Work { get; }

    /// <summary>The schema.</summary>
    public Subschema Root { get; }

    /// <summary>What a reference points to; false for what is not in this document, or seen from a document of its own
    /// within it.</summary>
    public bool TryResolve(Subschema from, string reference, out Subschema target)
    {
        Work.Spend(reference.Length + (4L * _bases.Count));
        if (reference.StartsWith('#') && _bases.Exists(place => IsWithin(from.Pointer, place)))
        {
            target = from;
            return false;
        }

        // The document's own address may stand before what is meant within it.
        if (Root.TryGet("$id", out JsonElement own) && own.ValueKind == JsonValueKind.String
            && reference.StartsWith(own.GetString() + "#", StringComparison.Ordinal))
        {
            reference = reference[reference.IndexOf('#', StringComparison.Ordinal)..];
        }

        if (_named.TryGetValue(reference, out target))
        {
            return true;
        }

        target = Root;
        if (!reference.StartsWith('#') || (reference.Length > 1 && reference[1] != '/'))
        {
            return false;
        }

        JsonElement element = Root.Element;
        foreach (string part in reference.Split('/').Skip(1))
        {
            string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
            if (!TryStep(ref element, name))
            {
                return false;
            }
        }

        target = new Subschema(reference, element);
        return IsSchema(element);
    }

    /// <summary>Whether a value can be a schema.</summary>
    public static bool IsSchema(JsonElement element) =>
        element.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;

    private static bool IsWithin(string pointer, string place) =>
        pointer.StartsWith(place, StringComparison.Ordinal)
        && (pointer.Length == place.Length || pointer[place.Length] == '/');

    private bool TryStep(ref JsonElement element, string name)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            Work.Spend(element.GetPropertyCount() / 4);
            return element.TryGetProperty(name, out element);
        }

        bool found = element.ValueKind == JsonValueKind.Array
            && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < element.GetArrayLength();
        element = found ? element[int.Parse(name, CultureInfo.InvariantCulture)] : element;
        return found;
    }

    // Names by $id and $anchor. What only looks like a schema, such as an example, has none.
    private void FindNames()
    {
        Place root = new(null, "#");
        Stack<(Place Place, JsonElement Element, bool IsValue)> open = new([(root, Root.Element, false)]);
        while (open.TryPop(out (Place Place, JsonElement Element, bool IsValue) at))
        {
            Work.Spend(4);
            if (at.Place.Depth > MostDepth)
            {
                throw new NotSupportedException($"The JSON schema is nested deeper than {MostDepth}: make it flatter.");
            }

            if (at.Element.ValueKind == JsonValueKind.Array)
            {
                foreach ((int index, JsonElement item) in at.Element.EnumerateArray().Index())
                {
                    open.Push((new Place(at.Place, $"{index}"), item, at.IsValue));
                }
            }
            else if (at.Element.ValueKind == JsonValueKind.Object)
            {
                AddNames(at.Place, at.Element, at.IsValue);
                foreach (JsonProperty property in at.Element.EnumerateObject())
                {
                    string name = at.IsValue ? "" : property.Name;
                    open.Push((new Place(at.Place, name), property.Value, at.IsValue || s_values.Contains(name)));
                }
            }
        }
    }

    private void AddNames(Place place, JsonElement element, bool isValue)
    {
        if (!isValue && (element.TryGetProperty("$id", out _) || element.TryGetProperty("$anchor", out _)))
        {
            Subschema here = new(place.Pointer, element);
            Work.Spend(here.Pointer.Length);
            AddName(here, "$id", "");
            AddName(here, "$anchor", "#");
        }
    }

    private void AddName(Subschema schema, string keyword, string prefix)
    {
        if (schema.TryGet(keyword, out JsonElement name) && name.ValueKind == JsonValueKind.String
            && !(keyword == "$id" && name.GetString()!.StartsWith('#')))
        {
            if (keyword == "$id" && schema.Pointer != Root.Pointer)
            {
                _bases.Add(schema.Pointer);
            }

            _named.TryAdd(prefix + name.GetString(), schema);
        }
    }

    // Where something stands; most are never asked for the pointer.
    private sealed class Place(Place? above, string name)
    {
        public int Depth { get; } = above is null ? 0 : above.Depth + 1;

        public string Pointer => above is null ? name : $"{above.Pointer}/{Subschema.Escape(name)}";
    }
}
