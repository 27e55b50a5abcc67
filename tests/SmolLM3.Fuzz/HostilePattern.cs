namespace SmolLM3.Fuzz;

/// <summary>Makes regular expressions that are hard, odd or wrong.</summary>
internal sealed class HostilePattern(Random random)
{
    private static readonly string[] s_atoms =
    [
        ".", "a", "b", "[a-z]", "[^a]", "\\d", "\\w", "\\s", "\\S", "\\p{L}", "\\P{Lu}", "é",
        "😀", "\\u{1F600}", "\\ud83d", "-", "[\\s\\S]", "[]", "[^]", "\\\"", "\\\\", "^", "$", "(?:)",
        "\\/", "[\\w-]", "\\x41", "\\cA", "\\b", "(?=a)", "\\1",
    ];

    private static readonly string[] s_times =
    [
        "*", "+", "?", "{2}", "{0,3}", "{3,}", "{30}", "{0,200}", "{10000}", "{0,9999}", "*?", "{0}", "{5,1}",
        "{99999999999}",
    ];

    private static readonly string[] s_known =
    [
        "^(a|b)*a(a|b){10}$", "^(a|b)*a(a|b){20}$", "^(.*a.*){5}$", "^(a?){100}a{100}$", "(a*)*b", "^((ab)*|(ba)*)*$",
        "^(\\w+\\s?)+$", "^.{5000}$", "^(.{1,100}x){20}$", "^(?:[^a]|a[^b]|ab[^c])*$",
        "((((((((((a?)?)?)?)?)?)?)?)?)?)*",
        "^(a{0,50}b{0,50}){50}$", "(x|^)(y|$)", "^[\\p{L}\\p{N}\\p{P}]{1,64}$", "^(.|..|...)*z$",
    ];

    /// <summary>A pattern.</summary>
    public string Next() => random.Next(6) switch
    {
        0 => s_known[random.Next(s_known.Length)],
        1 => string.Concat(Enumerable.Repeat(Term(2), random.Next(2, 200))),
        2 => new string('(', random.Next(1, 120)) + Term(0)
            + string.Concat(Enumerable.Repeat($"){Times()}", random.Next(1, 120))),
        3 => string.Join('|', Enumerable.Range(0, random.Next(2, 150)).Select(_ => Term(1))),
        _ => (random.Next(2) == 0 ? "^" : "") + Sequence(3) + (random.Next(2) == 0 ? "$" : ""),
    };

    private string Sequence(int depth) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Term(depth)));

    private string Term(int depth) => depth > 0 && random.Next(3) == 0
        ? $"({(random.Next(2) == 0 ? "?:" : "")}{Sequence(depth - 1)}|{Sequence(depth - 1)}){Times()}"
        : s_atoms[random.Next(random.Next(3) == 0 ? s_atoms.Length : 12)] + Times();

    private string Times() => random.Next(3) == 0 ? s_times[random.Next(s_times.Length)] : "";
}
