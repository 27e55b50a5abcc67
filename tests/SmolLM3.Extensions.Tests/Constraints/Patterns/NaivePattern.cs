namespace SmolLM3.Extensions.Tests.Constraints.Patterns;

/// <summary>A regular expression that is matched as it is defined, by all the places where a match may end: what the
/// grammar of a pattern must equal. (.NET's own engine errs on some repeats of nothing that random patterns have.)
/// </summary>
/// <param name="Pattern">How it is written.</param>
/// <param name="Ends">Where matches that begin at a place of a text end.</param>
internal sealed record NaivePattern(string Pattern, Func<string, int, IEnumerable<int>> Ends)
{
    public static NaivePattern Empty { get; } = new("", (_, start) => [start]);

    public static NaivePattern Start { get; } = new("^", (_, start) => start == 0 ? [start] : []);

    public static NaivePattern End { get; } = new("$", (text, start) => start == text.Length ? [start] : []);

    /// <summary>One character.</summary>
    public static NaivePattern Of(string pattern, Func<char, bool> contains) =>
        new(pattern, (text, start) => start < text.Length && contains(text[start]) ? [start + 1] : []);

    public static NaivePattern Either(NaivePattern[] options) => new(
        $"(?:{string.Join('|', options.Select(option => option.Pattern))})",
        (text, start) => options.SelectMany(option => option.Ends(text, start)).Distinct());

    public NaivePattern Then(NaivePattern next) => new(
        Pattern + next.Pattern,
        (text, start) => Ends(text, start).SelectMany(middle => next.Ends(text, middle)).Distinct());

    public NaivePattern Repeat(string times, int least, int most) => new(
        $"({Pattern}){times}",
        (text, start) =>
        {
            HashSet<int> ends = [];
            int[] last = [start];
            // Once it matched often enough, each further match that matters takes a character.
            for (int count = 0; count <= Math.Min(most, least + text.Length); count++)
            {
                ends.UnionWith(count >= least ? last : []);
                last = [.. last.SelectMany(end => Ends(text, end)).Distinct()];
            }

            return ends;
        });

    public bool IsMatch(string text) => Enumerable.Range(0, text.Length + 1).Any(start => Ends(text, start).Any());

    public override string ToString() => Pattern;
}
