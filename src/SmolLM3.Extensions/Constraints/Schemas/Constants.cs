using System.Text.Json;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Reads <c>const</c> and <c>enum</c>.</summary>
internal static class Constants
{
    /// <summary>The values they leave together, or null where there are none of them.</summary>
    public static List<JsonElement>? Of(Conjunction schemas)
    {
        List<JsonElement>? left = null;
        foreach ((_, JsonElement value) in schemas.All("const"))
        {
            left = Intersect(left, [value]);
        }

        foreach ((_, JsonElement values) in schemas.All("enum"))
        {
            if (values.ValueKind == JsonValueKind.Array)
            {
                left = Intersect(left, [.. values.EnumerateArray()]);
            }
        }

        return left;
    }

    private static List<JsonElement> Intersect(List<JsonElement>? left, List<JsonElement> values) =>
        left?.FindAll(new HashSet<JsonElement>(values, ConstantComparer.Instance).Contains) ?? values;
}
