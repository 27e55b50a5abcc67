namespace SmolLM3.Extensions.Constraints.Numbers;

/// <summary>Bounds of a number, exact in decimal.</summary>
/// <param name="Minimum">The lower bound, or null for none.</param>
/// <param name="Maximum">The upper bound, or null for none.</param>
/// <param name="MinimumIsExclusive">Whether the lower bound itself is out of bounds.</param>
/// <param name="MaximumIsExclusive">Whether the upper bound itself is out of bounds.</param>
internal sealed record NumberBounds(
    decimal? Minimum = null,
    decimal? Maximum = null,
    bool MinimumIsExclusive = false,
    bool MaximumIsExclusive = false)
{
    /// <summary>The bounds of the numbers that are within these bounds when their sign is changed.</summary>
    public NumberBounds Negated => new(-Maximum, -Minimum, MaximumIsExclusive, MinimumIsExclusive);

    /// <summary>The bounds of the numbers that are within both; perhaps there are none.</summary>
    public NumberBounds Intersect(NumberBounds other)
    {
        (decimal? minimum, bool minimumIsExclusive) = Greater(
            (Minimum, MinimumIsExclusive), (other.Minimum, other.MinimumIsExclusive));
        (decimal? maximum, bool maximumIsExclusive) = Greater(
            (-Maximum, MaximumIsExclusive), (-other.Maximum, other.MaximumIsExclusive));
        return new(minimum, -maximum, minimumIsExclusive, maximumIsExclusive);
    }

    /// <summary>
    /// The numbers with so many decimals that are within the bounds, as integers: each is multiplied by
    /// 10^<paramref name="decimals"/>. Bounds that are beyond all such numbers of <see cref="Digits.Most"/> digits are
    /// moved next to them.
    /// </summary>
    /// <returns>The least and the greatest; the least is above the greatest if there is none.</returns>
    public (long Least, long Greatest) Scaled(int decimals)
    {
        // Both products are exact: they have no more digits than the bound, or than may be written.
        decimal scale = Digits.Power(decimals), limit = Digits.Power(Digits.Most - decimals);
        decimal minimum = Math.Clamp(Minimum ?? -limit, -limit, limit) * scale;
        decimal maximum = Math.Clamp(Maximum ?? limit, -limit, limit) * scale;
        return (
            (long)(MinimumIsExclusive ? decimal.Floor(minimum) + 1 : decimal.Ceiling(minimum)),
            (long)(MaximumIsExclusive ? decimal.Ceiling(maximum) - 1 : decimal.Floor(maximum)));
    }

    /// <summary>Whether a number is within the bounds.</summary>
    public bool Contains(decimal number) =>
        (Minimum is null || number > Minimum || (number == Minimum && !MinimumIsExclusive))
        && (Maximum is null || number < Maximum || (number == Maximum && !MaximumIsExclusive));

    private static (decimal?, bool) Greater(
        (decimal? Bound, bool IsExclusive) a, (decimal? Bound, bool IsExclusive) b) =>
        a.Bound == b.Bound ? (a.Bound, a.IsExclusive || b.IsExclusive)
        : b.Bound is null || a.Bound > b.Bound ? a
        : b;
}
