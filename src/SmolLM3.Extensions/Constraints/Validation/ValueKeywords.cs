using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>Keywords for values of any type: <c>type</c>, <c>const</c>, <c>enum</c>.</summary>
internal sealed class ValueKeywords(SchemaValidator validator) : IKeywords
{
    // So that a message stays readable, and costs little where it is not wanted.
    private const int MostBytes = 200;

    /// <inheritdoc/>
    public IEnumerable<string> Violations(Subschema schema, Instance value, Evaluated seen)
    {
        if (schema.TryGet("type", out JsonElement type))
        {
            if (!KeywordShapes.IsType(type))
            {
                validator.Skip();
            }
            else if ((JsonTypes.OfKeyword(type) & JsonTypes.OfValue(value.Element)) == 0)
            {
                yield return SchemaValidator.Describe(value, schema, "type", $"must be of type {type.GetRawText()}");
            }
        }

        if (schema.TryGet("const", out JsonElement constant) && !validator.AreEqual(constant, value.Element))
        {
            yield return SchemaValidator.Describe(value, schema, "const", $"must be {Short(constant)}");
        }

        if (validator.TryGet(schema, "enum", JsonValueKind.Array, out JsonElement constants)
            && !constants.EnumerateArray().Any(one => validator.AreEqual(one, value.Element)))
        {
            yield return SchemaValidator.Describe(value, schema, "enum", $"must be one of {Short(constants)}");
        }
    }

    private static string Short(JsonElement value)
    {
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(value);
        return text.Length > MostBytes ? Encoding.UTF8.GetString(text[..MostBytes]) + "…" : value.GetRawText();
    }
}
