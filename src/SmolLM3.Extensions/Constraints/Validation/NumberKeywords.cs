using System.Runtime.InteropServices;
using System.Text.Json;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>
/// Bounds of numbers and <c>multipleOf</c>. Numbers of up to 28 characters are exact in decimal. Longer ones, and small
/// ones with an exponent, are compared as doubles, which is not checked where those are equal; nor is what they are
/// multiples of.
/// </summary>
internal sealed class NumberKeywords(SchemaValidator validator) : IKeywords
{
    // Decimals have 28 digits, and some numbers of 29.
    private const int MostCharacters = 28;

    private static readonly (string Keyword, string What, Func<int, bool> Fits)[] s_bounds =
    [
        ("minimum", "at least", order => order >= 0),
        ("maximum", "at most", order => order <= 0),
        ("exclusiveMinimum", "greater than", order => order > 0),
        ("exclusiveMaximum", "less than", order => order < 0),
    ];

    /// <inheritdoc/>
    public IEnumerable<string> Violations(Subschema schema, Instance value, Evaluated seen)
    {
        if (value.Element.ValueKind != JsonValueKind.Number)
        {
            yield break;
        }

        foreach ((string keyword, string what, Func<int, bool> fits) in s_bounds)
        {
            if (!validator.TryGet(schema, keyword, JsonValueKind.Number, out JsonElement bound))
            {
                continue;
            }

            if (Compare(value.Element, bound) is not { } order)
            {
                validator.Skip();
            }
            else if (!fits(order))
            {
                yield return SchemaValidator.Describe(value, schema, keyword, $"must be {what} {bound.GetRawText()}");
            }
        }

        if (!validator.TryGet(schema, "multipleOf", JsonValueKind.Number, out JsonElement divisor))
        {
            yield break;
        }

        if (!TryGetExact(value.Element, out decimal number) || !TryGetExact(divisor, out decimal part) || part <= 0)
        {
            validator.Skip();
        }
        else if (number % part != 0)
        {
            yield return SchemaValidator.Describe(
                value, schema, "multipleOf", $"must be a multiple of {divisor.GetRawText()}");
        }
    }

    // Doubles that are equal may stand for numbers that are not.
    private static int? Compare(JsonElement a, JsonElement b)
    {
        if (TryGetExact(a, out decimal x) && TryGetExact(b, out decimal y))
        {
            return x.CompareTo(y);
        }

        int order = a.GetDouble().CompareTo(b.GetDouble());
        return order == 0 ? null : order;
    }

    // What decimals do not hold is rounded without a word, where it is small.
    private static bool TryGetExact(JsonElement value, out decimal number)
    {
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(value);
        return value.TryGetDecimal(out number) && text.Length <= MostCharacters
            && (text.IndexOfAny((byte)'e', (byte)'E') < 0 || Math.Abs(number) >= 1);
    }
}
