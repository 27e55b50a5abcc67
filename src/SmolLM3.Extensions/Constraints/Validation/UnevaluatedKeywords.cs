using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary><c>unevaluatedProperties</c> and <c>unevaluatedItems</c>: for what no other keyword of the schema looked
/// at, nor of those it is put together from.</summary>
internal sealed class UnevaluatedKeywords(SchemaValidator validator) : IKeywords
{
    /// <inheritdoc/>
    public IEnumerable<string> Violations(Subschema schema, Instance value, Evaluated seen) =>
        value.Element.ValueKind switch
        {
            JsonValueKind.Object when Finds(schema, "unevaluatedProperties", seen, out Subschema rest) =>
                Left(JsonText.Properties(value.Element), seen.Names)
                    .Select(property => value.Below(property.Key, property.Value))
                    .Select(property => validator.Check(rest, property, new Evaluated(0)))
                    .OfType<string>(),
            JsonValueKind.Array when Finds(schema, "unevaluatedItems", seen, out Subschema rest) =>
                Left(value.Element.EnumerateArray().Select((item, i) => KeyValuePair.Create(i, item)), seen.Places)
                    .Select(item => value.Below($"{item.Key}", item.Value))
                    .Select(item => validator.Check(rest, item, new Evaluated(0)))
                    .OfType<string>(),
            _ => [],
        };

    private bool Finds(Subschema schema, string keyword, Evaluated seen, out Subschema rest)
    {
        rest = default;
        if (!schema.TryGet(keyword, out JsonElement value))
        {
            return false;
        }

        rest = schema.Below(keyword, value);

        // What was not checked may have looked at anything.
        bool isCertain = validator.Skipped == seen.SkippedBefore;
        return isCertain;
    }

    // They are seen from now on, too.
    private static IEnumerable<KeyValuePair<TKey, JsonElement>> Left<TKey>(
        IEnumerable<KeyValuePair<TKey, JsonElement>> all, HashSet<TKey> seen) =>
        all.Where(part => seen.Add(part.Key));
}
