using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Numbers;

namespace SmolLM3.Extensions.Tests.Constraints.Numbers;

/// <summary>Bounds, texts near them, and the plain way to tell whether a text is within them.</summary>
internal static partial class NumberTexts
{
    private static readonly Gen<decimal> s_value = Gen.OneOf(
        Gen.Int[-30, 30].Select(value => (decimal)value),
        Gen.Select(Gen.Int[-3000, 3000], Gen.Int[0, 4], Shifted),
        Gen.Select(Gen.Long[-Digits.Power(17), Digits.Power(17)], Gen.Int[0, 20], Shifted),
        Gen.Select(Gen.Int[-99, 99], Gen.Int[12, 28], Shifted),
        Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Int[0, 28], (low, middle, high, isNegative, scale) =>
            new decimal(low, middle, high, isNegative, (byte)scale)),
        Gen.Int[0, 20].Select(exponent => (decimal)Math.Pow(10, exponent)),
        Gen.OneOf([.. ((decimal[])[0, decimal.MinValue, decimal.MaxValue]).Select(Gen.Const)]));

    /// <summary>Bounds of all sizes, few far apart, some with nothing between them.</summary>
    public static Gen<NumberBounds> Bounds { get; } = Gen.OneOf(
        Gen.Select(s_value, Near, Gen.Bool, Gen.Bool, (value, near, below, above) =>
            new NumberBounds(value, near(value), below, above)),
        Gen.Select(s_value, s_value, Gen.Bool, Gen.Bool, (a, b, below, above) =>
            new NumberBounds(Math.Min(a, b), Math.Max(a, b), below, above)),
        Gen.Select(s_value, Gen.Bool, (value, below) => new NumberBounds(Minimum: value, MinimumIsExclusive: below)),
        Gen.Select(s_value, Gen.Bool, (value, above) => new NumberBounds(Maximum: value, MaximumIsExclusive: above)));

    // Mostly of a few of the last digits that may be written.
    private static Gen<Func<decimal, decimal>> Near => Gen.Select(
        Gen.Int[-12, 12], Gen.Int[0, 18], Gen.Int[0, 3], (distance, decimals, rounding) =>
        {
            decimal Move(decimal value)
            {
                value = Math.Clamp(value, -1e20m, 1e20m) + Shifted(distance, decimals);
                return rounding == 0 ? Math.Round(value, decimals) : value;
            }

            return (Func<decimal, decimal>)Move;
        });

    /// <summary>Texts most of which are numbers near one of some values.</summary>
    public static Gen<string> TextNear(params decimal?[] values) => Gen.OneOf(
        Gen.Select(Gen.Int[0, values.Length - 1], Near, Gen.Int[0, 22], Gen.Int[0, 5], (which, near, length, change) =>
        {
            string text = near(values[which] ?? 0).ToString(CultureInfo.InvariantCulture);
            return change switch
            {
                0 => text,
                1 => text.Insert(text.StartsWith('-') ? 1 : 0, "0"),
                2 => text.Contains('.') ? text + "00" : text + ".0",
                3 => text.StartsWith('-') ? text[1..] : "-" + text,
                _ => text[..Math.Min(length, text.Length)],
            };
        }),
        Gen.Char["-0123456789.e"].Array[0, 6].Select(characters => new string(characters)));

    /// <summary>Whether a text is a number of at most 17 digits within bounds.</summary>
    public static bool IsDecimal(string text, NumberBounds bounds)
    {
        if (!Plain().IsMatch(text) || text.Count(char.IsAsciiDigit) > 17)
        {
            return false;
        }

        decimal value = decimal.Parse(text, CultureInfo.InvariantCulture);
        return (value != 0 || text[0] != '-')
            && !(bounds.MinimumIsExclusive ? value <= bounds.Minimum : value < bounds.Minimum)
            && !(bounds.MaximumIsExclusive ? value >= bounds.Maximum : value > bounds.Maximum);
    }

    /// <summary>Whether a text is an integer of at most 17 digits within bounds.</summary>
    public static bool IsInteger(string text, NumberBounds bounds) => IsDecimal(text, bounds) && !text.Contains('.');

    /// <summary>Whether a text is in a language.</summary>
    public static bool Accepts(Node node, string text) =>
        Encoding.UTF8.GetBytes(text).Aggregate(node, (state, value) => state.Step(value)).IsNullable;

    /// <summary>Goes through a language at random until a text ends, and fails if it cannot be ended.</summary>
    public static string Walk(Node node, int[] choices)
    {
        StringBuilder text = new();
        foreach (int choice in choices.Append(0))
        {
            byte[] possible = [.. Enumerable.Range(0, 256).Select(b => (byte)b).Where(node.First.Contains)];
            if (possible.Length == 0 || (node.IsNullable && choice % 4 == 0))
            {
                break;
            }

            byte value = possible[choice % possible.Length];
            text.Append((char)value);
            node = node.Step(value);
        }

        Assert.True(node.IsNullable, $"{text} does not end.");
        return text.ToString();
    }

    /// <summary>Fails if a step leads where no text ends, or bytes that are said to be alike are not.</summary>
    /// <returns>The number of nodes that can be reached.</returns>
    public static int CheckAllSteps(Node start)
    {
        // Texts have an end, so where each step leads on or ends, each leads to an end.
        HashSet<Node> seen = [start];
        Stack<Node> open = new([start]);
        while (open.TryPop(out Node? node))
        {
            Assert.True(node.IsNullable || !node.First.IsEmpty);
            for (int value = 0; value < 256; value++)
            {
                Node next = node.Step((byte)value);
                Assert.Equal(node.First.Contains((byte)value), !next.IsDead);
                Assert.True(value == 0 || node.Starts.Contains((byte)value) || node.Step((byte)(value - 1)) == next);
                if (!next.IsDead && seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return seen.Count;
    }

    private static decimal Shifted(int number, int decimals) => Shifted((long)number, decimals);

    private static decimal Shifted(long number, int decimals) =>
        new((int)Math.Abs(number), (int)(Math.Abs(number) >> 32), 0, number < 0, (byte)decimals);

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?\z")]
    private static partial Regex Plain();
}
