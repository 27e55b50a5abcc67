using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>Lengths, <c>pattern</c> and <c>format</c>.</summary>
internal sealed class StringKeywords(SchemaValidator validator, PatternMatcher matcher) : IKeywords
{
    /// <inheritdoc/>
    public IEnumerable<string> Violations(Subschema schema, Instance value, Evaluated seen)
    {
        if (value.Element.ValueKind != JsonValueKind.String)
        {
            yield break;
        }

        string text = JsonText.Value(value.Element);
        if (validator.TryGetCount(schema, "minLength", out int least) && text.EnumerateRunes().Count() < least)
        {
            yield return SchemaValidator.Describe(
                value, schema, "minLength", $"must have {least} or more characters");
        }

        if (validator.TryGetCount(schema, "maxLength", out int most) && text.EnumerateRunes().Count() > most)
        {
            yield return SchemaValidator.Describe(value, schema, "maxLength", $"must have {most} or fewer characters");
        }

        if (validator.TryGet(schema, "pattern", JsonValueKind.String, out JsonElement pattern)
            && matcher.Matches(pattern.GetString()!, text) == false)
        {
            yield return SchemaValidator.Describe(
                value, schema, "pattern", $"must match the pattern {pattern.GetRawText()}");
        }

        if (validator.TryGet(schema, "format", JsonValueKind.String, out JsonElement format)
            && matcher.HasFormat(format.GetString()!, text) == false)
        {
            yield return SchemaValidator.Describe(
                value, schema, "format", $"must have the format {format.GetRawText()}");
        }
    }
}
