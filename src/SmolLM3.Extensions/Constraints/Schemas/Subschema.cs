using System.Text.Json;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>A schema within a document.</summary>
/// <param name="Pointer">Where it stands: a JSON pointer with a <c>#</c> before it.</param>
/// <param name="Element">An object or a boolean.</param>
internal readonly record struct Subschema(string Pointer, JsonElement Element)
{
    /// <summary>The value of a keyword; false for boolean schemas.</summary>
    public bool TryGet(string keyword, out JsonElement value)
    {
        value = default;
        return Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(keyword, out value);
    }

    /// <summary>A schema under a keyword.</summary>
    public Subschema Below(string keyword, JsonElement element) => new($"{Pointer}/{Escape(keyword)}", element);

    /// <summary>A schema under a keyword and a name or number.</summary>
    public Subschema Below(string keyword, string name, JsonElement element) =>
        new($"{Pointer}/{Escape(keyword)}/{Escape(name)}", element);

    /// <summary>A name as JSON pointers write it.</summary>
    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
