using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Numbers;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>Reads the numbers in schemas.</summary>
internal static class SchemaNumbers
{
    /// <summary>The greatest and the least value of a count such as <c>minLength</c>, or null without it.</summary>
    public static (int Least, int Most)? Bound(Conjunction schemas, string keyword, SchemaReport report)
    {
        (int Least, int Most)? bound = null;
        foreach ((Subschema schema, JsonElement value) in schemas.All(keyword))
        {
            if (!TryGetCount(value, out int count))
            {
                report.CannotEnforce(schema, keyword, "it must be an integer of at least 0.");
                continue;
            }

            bound = bound is { } other ? (Math.Max(other.Least, count), Math.Min(other.Most, count)) : (count, count);
        }

        return bound;
    }

    /// <summary>Reads a count; false for what is no integer of at least 0.</summary>
    public static bool TryGetCount(JsonElement value, out int count)
    {
        count = 0;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out decimal number)
            || number < 0 || number != decimal.Truncate(number))
        {
            return false;
        }

        // Nobody writes so many; a bound beyond that is none.
        count = number >= RepeatNode.Unlimited ? RepeatNode.Unlimited : (int)number;
        return true;
    }

    /// <summary>The bounds of numbers.</summary>
    public static NumberBounds Bounds(Conjunction schemas, SchemaReport report)
    {
        NumberBounds bounds = new();
        foreach ((string keyword, bool isMinimum, bool isExclusive) in
            new[] { ("minimum", true, false), ("exclusiveMinimum", true, true), ("maximum", false, false),
                ("exclusiveMaximum", false, true) })
        {
            foreach ((Subschema schema, JsonElement value) in schemas.All(keyword))
            {
                if (value.ValueKind != JsonValueKind.Number)
                {
                    report.CannotEnforce(schema, keyword, "it must be a number.");
                }
                else if (value.TryGetDecimal(out decimal number))
                {
                    // What is too small for a decimal became 0, which may be on the wrong side of it.
                    double exact = value.GetDouble();
                    bool excludes = number == 0 && exact != 0 ? exact > 0 == isMinimum : isExclusive;
                    bounds = bounds.Intersect(isMinimum
                        ? new NumberBounds { Minimum = number, MinimumIsExclusive = excludes }
                        : new NumberBounds { Maximum = number, MaximumIsExclusive = excludes });
                }
                else if (value.GetDouble() > 0 == isMinimum)
                {
                    report.CannotEnforce(schema, keyword, "numbers have at most 17 digits.");
                }
            }
        }

        return bounds;
    }

    /// <summary>The least number of which multiples are multiples of every <c>multipleOf</c>.</summary>
    /// <exception cref="NotSupportedException">One is no positive integer, or together they are too large.</exception>
    public static long Divisor(Conjunction schemas)
    {
        long divisor = 1;
        foreach ((_, JsonElement value) in schemas.All("multipleOf"))
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out decimal number)
                || number <= 0 || number != decimal.Truncate(number) || number > int.MaxValue || divisor > int.MaxValue)
            {
                throw new NotSupportedException("It must be a positive integer, and not a huge one.");
            }

            divisor *= (long)(number / (decimal)System.Numerics.BigInteger.GreatestCommonDivisor(divisor, (long)number));
        }

        return divisor;
    }
}
