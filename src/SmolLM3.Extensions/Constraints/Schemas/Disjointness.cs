using System.Text.Json;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Whether no value follows two branches of a <c>oneOf</c>: their types differ, or the constants they allow, or
/// those of a property that all of them require.</summary>
internal static class Disjointness
{
    /// <summary>Whether every two of some schemas are provably disjoint.</summary>
    public static bool Holds(IReadOnlyList<Subschema> branches, SchemaDocument document, SchemaReport report)
    {
        Conjunction[] sides = [.. branches.Select(branch => Conjunction.Of([branch], document, report))];
        for (int i = 0; i < sides.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (!AreDisjoint(sides[i], sides[j], document, report))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool AreDisjoint(Conjunction a, Conjunction b, SchemaDocument document, SchemaReport report)
    {
        if (a.IsFalse || b.IsFalse || (JsonTypes.Of(a) & JsonTypes.Of(b)) == JsonType.None || ConstantsDiffer(a, b))
        {
            return true;
        }

        // The constants of a property tell objects apart only where both sides are objects and must have it.
        return (JsonTypes.Of(a) & JsonTypes.Of(b)) == JsonType.Object
            && Required(a).Intersect(Required(b)).Any(name =>
                ConstantsDiffer(Property(a, name, document, report), Property(b, name, document, report)));
    }

    private static bool ConstantsDiffer(Conjunction a, Conjunction b) =>
        Constants.Of(a) is { } left && Constants.Of(b) is { } right
        && !left.Exists(new HashSet<JsonElement>(right, ConstantComparer.Instance).Contains);

    private static HashSet<string> Required(Conjunction schemas) => [.. schemas.All("required")
        .Where(found => found.Value.ValueKind == JsonValueKind.Array)
        .SelectMany(found => found.Value.EnumerateArray())
        .Where(name => name.ValueKind == JsonValueKind.String)
        .Select(name => name.GetString()!)];

    private static Conjunction Property(
        Conjunction schemas, string name, SchemaDocument document, SchemaReport report) => Conjunction.Of(
        schemas.All("properties")
            .Where(found => found.Value.ValueKind == JsonValueKind.Object)
            .SelectMany(found => found.Value.TryGetProperty(name, out JsonElement property)
                ? [found.Schema.Below("properties", name, property)]
                : Array.Empty<Subschema>()),
        document,
        report);
}
