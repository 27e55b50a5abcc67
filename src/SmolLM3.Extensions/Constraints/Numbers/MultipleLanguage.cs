using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Numbers;

/// <summary>Multiples of an integer as JSON writes them.</summary>
internal static class MultipleLanguage
{
    /// <summary>
    /// The greatest divisor, not counting zeros at its end, which need no states of their own. Each digit of a number
    /// adds about as many states as the divisor says; those that a text comes by are made.
    /// </summary>
    public const long GreatestDivisor = 10_000;

    /// <summary>
    /// All multiples of an integer within bounds, written as in <see cref="IntegerLanguage"/>. Bounds are better given
    /// here than intersected: that looks at all states in advance, which for a large divisor are too many.
    /// </summary>
    /// <param name="grammar">Whose nodes are made.</param>
    /// <param name="divisor">The integer, above 0.</param>
    /// <param name="bounds">The bounds, or null for none.</param>
    /// <exception cref="NotSupportedException">The divisor has too many states.</exception>
    public static Node Of(Grammar grammar, long divisor, NumberBounds? bounds = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(divisor);
        if (WithoutZeros(divisor) > GreatestDivisor)
        {
            throw new NotSupportedException(
                $"Multiples of {divisor:N0} are not supported: without zeros at its end a divisor may be "
                + $"{GreatestDivisor:N0} at most.");
        }

        Progression multiples = Progression.Multiples(divisor);
        (long least, long greatest) = (bounds ?? new()).Scaled(decimals: 0);
        return grammar.Either(
        [
            least <= 0 && greatest >= 0 ? grammar.Literal("0") : grammar.Nothing,
            Positive(grammar, multiples.Between(Math.Max(least, 1), greatest)),
            grammar.Concatenate(
                grammar.Literal("-"), Positive(grammar, multiples.Between(Math.Max(-greatest, 1), -least))),
        ]);
    }

    private static Node Positive(Grammar grammar, Progression numbers)
    {
        List<Node> lengths = [];
        for (int digits = 1; digits <= Digits.Most; digits++)
        {
            Progression ofLength = numbers.Between(Digits.Power(digits - 1), Digits.Power(digits) - 1);
            lengths.Add(DigitsNode.Of(grammar, ofLength, digits, whole: digits));
        }

        return grammar.Either(lengths);
    }

    private static long WithoutZeros(long number)
    {
        while (number % 10 == 0)
        {
            number /= 10;
        }

        return number;
    }
}
