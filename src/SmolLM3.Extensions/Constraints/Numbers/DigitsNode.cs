using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Numbers;

/// <summary>
/// What is left of numbers that are all written with the same number of digits, zeros in front included, and with the
/// point at the same place. Behind the point zeros at the end may be left out, but for the first digit there.
/// </summary>
/// <remarks>
/// A step goes only where one of the numbers can still be ended, which is worked out from their values. So no
/// exploration of the states is needed, of which those alone are made that a text comes by.
/// </remarks>
/// <param name="grammar">Whose node it is.</param>
/// <param name="numbers">What the digits that are left may make together, not empty.</param>
/// <param name="digits">Number of digits that are left, above 0.</param>
/// <param name="whole">Number of them that come before the point; 0 if the point was written.</param>
internal sealed class DigitsNode(Grammar grammar, Progression numbers, int digits, int whole)
    : Node(grammar, isNullable: false)
{
    private static readonly ByteSet s_digits = ByteSet.Range((byte)'0', (byte)'9');

    public override ByteSet First { get; } = FirstDigits(numbers, digits);

    // Each digit may lead somewhere else.
    public override ByteSet Starts { get; } = s_digits | s_digits.Starts;

    /// <summary>All ways to write some numbers.</summary>
    /// <param name="grammar">Whose nodes are made.</param>
    /// <param name="numbers">The numbers as if there were no point; none make <see cref="Grammar.Nothing"/>.</param>
    /// <param name="digits">Number of digits of each, zeros in front and at the end included.</param>
    /// <param name="whole">Number of digits before the point, above 0; with all of them there is no point.</param>
    public static Node Of(Grammar grammar, Progression numbers, int digits, int whole) =>
        numbers.IsEmpty ? grammar.Nothing
        : digits == 0 ? grammar.End
        : grammar.Intern(
            ("digits", numbers, digits, whole),
            () => new DigitsNode(grammar, numbers, digits, whole) { Id = grammar.Count });

    public override void Write(NodeText text) =>
        text.Add($"{{{numbers.First}+{numbers.Step}..{numbers.Last}:{whole}.{digits - whole}}}");

    protected override Node Derive(byte value)
    {
        if (!First.Contains(value))
        {
            return Grammar.Nothing;
        }

        Progression left = After(numbers, digits, value);
        Node rest = Of(Grammar, left, digits - 1, Math.Max(whole - 1, 0));
        if (whole == 1 && digits > 1)
        {
            rest = Grammar.Concatenate(Grammar.Literal("."), rest);
        }

        bool mayEnd = whole <= 1 && left.First == 0;
        return mayEnd ? Grammar.Optional(rest) : rest;
    }

    private static ByteSet FirstDigits(Progression numbers, int digits)
    {
        ByteSet first = default;
        for (byte digit = (byte)'0'; digit <= '9'; digit++)
        {
            if (!After(numbers, digits, digit).IsEmpty)
            {
                first |= ByteSet.Of(digit);
            }
        }

        return first;
    }

    // What the other digits make in those of the numbers that begin with this one.
    private static Progression After(Progression numbers, int digits, byte digit)
    {
        long place = Digits.Power(digits - 1), start = (digit - '0') * place;
        return numbers.Between(start, start + place - 1).Less(start);
    }
}
