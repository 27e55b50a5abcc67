namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>A set of Unicode characters (code points, halves of surrogate pairs not among them).</summary>
internal sealed class CharacterSet
{
    private const int Last = 0x10FFFF;

    // Ascending, and neither touching nor overlapping.
    private readonly (int First, int Last)[] _ranges;

    private CharacterSet(IEnumerable<(int First, int Last)> ranges) => _ranges = [.. Merge(ranges)];

    /// <summary>Every character.</summary>
    public static CharacterSet All { get; } = Range(0, Last);

    /// <summary>The ranges, ascending.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges => _ranges;

    /// <summary>From one character to another, both included.</summary>
    public static CharacterSet Range(int first, int last) => new([(first, last)]);

    /// <summary>These characters.</summary>
    public static CharacterSet Of(string characters) =>
        new(characters.EnumerateRunes().Select(rune => (rune.Value, rune.Value)));

    /// <summary>One character.</summary>
    public static CharacterSet Of(int character) => Range(character, character);

    public static CharacterSet operator |(CharacterSet a, CharacterSet b) => new([.. a._ranges, .. b._ranges]);

    public static CharacterSet operator &(CharacterSet a, CharacterSet b) => ~(~a | ~b);

    public static CharacterSet operator ~(CharacterSet set)
    {
        List<(int, int)> gaps = [];
        int next = 0;
        foreach ((int first, int last) in set._ranges)
        {
            if (first > next)
            {
                gaps.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            gaps.Add((next, Last));
        }

        return new(gaps);
    }

    private static IEnumerable<(int First, int Last)> Merge(IEnumerable<(int First, int Last)> ranges)
    {
        List<(int First, int Last)> merged = [];
        foreach ((int first, int last) in ranges.SelectMany(WithoutSurrogates).Order())
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return merged;
    }

    private static IEnumerable<(int First, int Last)> WithoutSurrogates((int First, int Last) range)
    {
        (int First, int Last)[] parts =
            [(range.First, Math.Min(range.Last, 0xD7FF)), (Math.Max(range.First, 0xE000), range.Last)];
        return parts.Where(part => part.First <= part.Last);
    }
}
