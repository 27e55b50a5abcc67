namespace SmolLM3.Extensions.Constraints.Numbers;

/// <summary>
/// Numbers at equal distances: the first, the one a step further, and so on to the last. All are from 0 to
/// 10^<see cref="Digits.Most"/>, and so is the step, so that nothing overflows. Equal sets of two numbers or more with
/// the same step are equal.
/// </summary>
internal readonly record struct Progression
{
    private static readonly Progression s_empty = new(first: 0, last: -1, step: 1);

    private Progression(long first, long last, long step) => (First, Last, Step) = (first, last, step);

    /// <summary>The least of the numbers, if there is one.</summary>
    public long First { get; }

    /// <summary>The greatest of the numbers, if there is one.</summary>
    public long Last { get; }

    /// <summary>How far the numbers are apart, above 0.</summary>
    public long Step { get; }

    /// <summary>Whether there is no number in it.</summary>
    public bool IsEmpty => Last < First;

    /// <summary>The multiples of a number, 0 among them.</summary>
    public static Progression Multiples(long divisor)
    {
        // Beyond the greatest number a divisor has one multiple, whichever it is.
        long limit = Digits.Power(Digits.Most), step = Math.Min(divisor, limit);
        return new(0, limit / step * step, step);
    }

    /// <summary>Those of the numbers that are from one bound to another, both included.</summary>
    public Progression Between(long low, long high)
    {
        long first = First + ((Math.Max(low - First, 0) + Step - 1) / Step * Step);
        long last = Math.Min(high, Last);
        return last < first ? s_empty : new(first, last - ((last - first) % Step), Step);
    }

    /// <summary>The numbers, each less an amount that is at most the first of them.</summary>
    public Progression Less(long amount) => IsEmpty ? this : new(First - amount, Last - amount, Step);
}
