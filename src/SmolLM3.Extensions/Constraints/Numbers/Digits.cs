using System.Numerics;

namespace SmolLM3.Extensions.Constraints.Numbers;

/// <summary>How many digits a number is written with, and the powers of ten that go with them.</summary>
internal static class Digits
{
    /// <summary>
    /// Most digits of a number, those before and behind the point together. As many tell any two numbers of double
    /// precision apart, and without an end to them a model may write digits for ever.
    /// </summary>
    public const int Most = 17;

    private static readonly long[] s_powers =
        [.. Enumerable.Range(0, Most + 1).Select(exponent => (long)BigInteger.Pow(10, exponent))];

    /// <summary>Ten to a power of 0 to <see cref="Most"/>: the first number that has more digits than that.</summary>
    public static long Power(int exponent) => s_powers[exponent];
}
