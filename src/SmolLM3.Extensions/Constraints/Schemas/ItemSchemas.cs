using System.Text.Json;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Which schema an item of an array must follow: in 2020-12 by <c>prefixItems</c> and <c>items</c>, in
/// draft-07 by an array of <c>items</c> and by <c>additionalItems</c>.</summary>
internal static class ItemSchemas
{
    /// <summary>Number of places that have a schema of their own.</summary>
    public static int Prefix(Subschema schema) =>
        schema.TryGet("prefixItems", out JsonElement items) && items.ValueKind == JsonValueKind.Array
            || schema.TryGet("items", out items) && items.ValueKind == JsonValueKind.Array
            ? items.GetArrayLength()
            : 0;

    /// <summary>What a schema says of the item at a place, or null.</summary>
    public static Subschema? At(Subschema schema, int place)
    {
        bool hasItems = schema.TryGet("items", out JsonElement items);
        bool isOld = hasItems && items.ValueKind == JsonValueKind.Array;
        string keyword = isOld ? "items" : "prefixItems";
        if (schema.TryGet(keyword, out JsonElement prefix) && prefix.ValueKind == JsonValueKind.Array
            && place < prefix.GetArrayLength())
        {
            return schema.Below(keyword, $"{place}", prefix[place]);
        }

        return isOld && schema.TryGet("additionalItems", out JsonElement additional)
                ? schema.Below("additionalItems", additional)
            : hasItems && !isOld ? schema.Below("items", items)
            : null;
    }
}
