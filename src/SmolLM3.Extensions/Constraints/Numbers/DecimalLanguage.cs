using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Numbers;

/// <summary>Decimal numbers as JSON writes them.</summary>
internal static class DecimalLanguage
{
    /// <summary>
    /// All numbers within bounds, of at most <see cref="Digits.Most"/> digits: without zeros in front, exponent or a
    /// minus before zero. Every digit counts, so that 0.50 has three. A number is within the bounds exactly as it is
    /// written, not as it is rounded. Without such a number it is <see cref="Grammar.Nothing"/>.
    /// </summary>
    public static Node Within(Grammar grammar, NumberBounds bounds) => grammar.Either(
        Unsigned(grammar, bounds, least: 0),
        grammar.Concatenate(grammar.Literal("-"), Unsigned(grammar, bounds.Negated, least: 1)));

    // Numbers with a given number of digits before the point are integers of all the digits there may be, with a point
    // put in and zeros at the end left out. The least of these integers is given.
    private static Node Unsigned(Grammar grammar, NumberBounds bounds, long least)
    {
        List<Node> lengths = [];
        for (int whole = 1; whole <= Digits.Most; whole++)
        {
            (long low, long high) = bounds.Scaled(decimals: Digits.Most - whole);
            long first = whole == 1 ? least : Digits.Power(Digits.Most - 1), last = Digits.Power(Digits.Most) - 1;
            Progression numbers = Progression.Multiples(1).Between(Math.Max(low, first), Math.Min(high, last));
            lengths.Add(DigitsNode.Of(grammar, numbers, Digits.Most, whole));
        }

        return grammar.Either(lengths);
    }
}
