using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Equal constants of schemas: 1 and 1.0 are, and objects whose properties come in another order.</summary>
internal sealed class ConstantComparer : IEqualityComparer<JsonElement>
{
    public static ConstantComparer Instance { get; } = new();

    public bool Equals(JsonElement x, JsonElement y) => JsonElement.DeepEquals(x, y);

    public int GetHashCode([DisallowNull] JsonElement obj) => obj.ValueKind switch
    {
        JsonValueKind.String => JsonText.Value(obj).GetHashCode(StringComparison.Ordinal),
        JsonValueKind.Number => obj.GetDouble().GetHashCode(),
        JsonValueKind.Array => obj.EnumerateArray().Aggregate(
            17, (hash, item) => HashCode.Combine(hash, GetHashCode(item))),
        JsonValueKind.Object => obj.EnumerateObject().Aggregate(
            19, (sum, property) => unchecked(sum + HashCode.Combine(property.Name, GetHashCode(property.Value)))),
        _ => (int)obj.ValueKind,
    };
}
