using System.Globalization;
using System.Text.Json;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>A schema with all it defines: finds what references point to.</summary>
internal sealed class SchemaDocument
{
    // What stands under these is no schema.
    private static readonly string[] s_values = ["const", "enum", "default", "examples"];

    private readonly Dictionary<string, Subschema> _named = new(StringComparer.Ordinal);

    private readonly List<string> _bases = [];

    /// <summary>Reads a schema.</summary>
    public SchemaDocument(JsonElement root)
    {
        Root = new Subschema("#", root);
        FindNames(Root);
    }

    /// <summary>The schema.</summary>
    public Subschema Root { get; }

    /// <summary>What a reference points to; false for what is not in this document, or seen from a document of its own
    /// within it.</summary>
    public bool TryResolve(Subschema from, string reference, out Subschema target)
    {
        if (reference.StartsWith('#') && _bases.Exists(place => from.Pointer.StartsWith(place, StringComparison.Ordinal)))
        {
            target = from;
            return false;
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

    private static bool TryStep(ref JsonElement element, string name)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            return element.TryGetProperty(name, out element);
        }

        bool found = element.ValueKind == JsonValueKind.Array
            && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < element.GetArrayLength();
        element = found ? element[int.Parse(name, CultureInfo.InvariantCulture)] : element;
        return found;
    }

    // Names by $id and $anchor. What only looks like a schema, such as an example, does no harm here.
    private void FindNames(Subschema schema)
    {
        Stack<(string Pointer, JsonElement Element)> open = new([(schema.Pointer, schema.Element)]);
        while (open.TryPop(out (string Pointer, JsonElement Element) at))
        {
            if (at.Element.ValueKind == JsonValueKind.Array)
            {
                int index = 0;
                foreach (JsonElement item in at.Element.EnumerateArray())
                {
                    open.Push(($"{at.Pointer}/{index++}", item));
                }
            }
            else if (at.Element.ValueKind == JsonValueKind.Object)
            {
                Subschema here = new(at.Pointer, at.Element);
                AddName(here, "$id", "");
                AddName(here, "$anchor", "#");
                foreach (JsonProperty property in at.Element.EnumerateObject()
                    .Where(property => !s_values.Contains(property.Name)))
                {
                    open.Push((here.Below(property.Name, property.Value).Pointer, property.Value));
                }
            }
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
}
