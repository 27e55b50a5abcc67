using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Patterns;

/// <summary>
/// What a part of a pattern matches, told apart by the anchors it passes: they match no text, but say where the match
/// must stand. No grammar knows of places, so each kind of match is a language of its own.
/// </summary>
/// <param name="Grammar">Whose nodes these are.</param>
/// <param name="Anywhere">Matches that pass no anchor.</param>
/// <param name="AtStart">Matches that pass <c>^</c>, so must begin where the whole text begins.</param>
/// <param name="AtEnd">Matches that pass <c>$</c>, so must end where the whole text ends.</param>
/// <param name="AsWhole">Matches that pass both, so must be the whole text.</param>
internal sealed record PatternMatches(Grammar Grammar, Node Anywhere, Node AtStart, Node AtEnd, Node AsWhole)
{
    /// <summary>Matches of a language wherever they stand.</summary>
    public static PatternMatches Of(Grammar grammar, Node node) =>
        new(grammar, node, grammar.Nothing, grammar.Nothing, grammar.Nothing);

    /// <summary>The match of <c>^</c>.</summary>
    public static PatternMatches Start(Grammar grammar) =>
        new(grammar, grammar.Nothing, grammar.End, grammar.Nothing, grammar.Nothing);

    /// <summary>The match of <c>$</c>.</summary>
    public static PatternMatches End(Grammar grammar) =>
        new(grammar, grammar.Nothing, grammar.Nothing, grammar.End, grammar.Nothing);

    /// <summary>Matches of one part or another.</summary>
    public static PatternMatches Either(Grammar grammar, IReadOnlyList<PatternMatches> options) => new(
        grammar,
        grammar.Either(options.Select(option => option.Anywhere)),
        grammar.Either(options.Select(option => option.AtStart)),
        grammar.Either(options.Select(option => option.AtEnd)),
        grammar.Either(options.Select(option => option.AsWhole)));

    /// <summary>Matches of this part with those of another behind them.</summary>
    public PatternMatches Then(PatternMatches next)
    {
        // What is anchored at the start has only empty matches before it, what is anchored at the end only such behind.
        bool mayBeEmpty = Anywhere.IsNullable || AtStart.IsNullable;
        bool mayEndEmpty = next.Anywhere.IsNullable || next.AtEnd.IsNullable;
        bool mayBothBeEmpty =
            (AtEnd.IsNullable || AsWhole.IsNullable) && (next.AtStart.IsNullable || next.AsWhole.IsNullable);
        return new(
            Grammar,
            Grammar.Concatenate(Anywhere, next.Anywhere),
            Grammar.Either(Grammar.Concatenate(AtStart, next.Anywhere), If(mayBeEmpty, next.AtStart)),
            Grammar.Either(Grammar.Concatenate(Anywhere, next.AtEnd), If(mayEndEmpty, AtEnd)),
            Grammar.Either(
            [
                Grammar.Concatenate(AtStart, next.AtEnd),
                If(mayBeEmpty, next.AsWhole),
                If(mayEndEmpty, AsWhole),
                If(mayBothBeEmpty, Grammar.End),
            ]));
    }

    /// <summary>Matches of this part several times over.</summary>
    /// <param name="least">Least number of times.</param>
    /// <param name="most">Most number of times, or <see cref="RepeatNode.Unlimited"/>.</param>
    public PatternMatches Repeat(int least, int most)
    {
        // Only the first match that is not empty can be anchored at the start, and only the last at the end; those
        // between them are not anchored. An empty match makes up for any number that are wanting.
        bool startMakesUp = AtStart.IsNullable, endMakesUp = AtEnd.IsNullable;
        bool aloneIsEnough = least <= 1 || startMakesUp || endMakesUp || Anywhere.IsNullable;
        return new(
            Grammar,
            Grammar.Repeat(Anywhere, least, most),
            Grammar.Concatenate(AtStart, Others(1, startMakesUp)),
            Grammar.Concatenate(Others(1, endMakesUp), AtEnd),
            Grammar.Either(
                Grammar.Concatenate(AtStart, Others(2, startMakesUp || endMakesUp), AtEnd),
                If(most > 0, aloneIsEnough ? AsWhole : If(AsWhole.IsNullable, Grammar.End))));

        Node Others(int anchored, bool anyNumber) => Grammar.Repeat(
            Anywhere,
            anyNumber ? 0 : Math.Max(least - anchored, 0),
            most == RepeatNode.Unlimited ? most : most - anchored);
    }

    /// <summary>All texts with a match in them.</summary>
    /// <param name="any">Any text.</param>
    public Node Search(Node any) => Anywhere.IsNullable ? any : Grammar.Either(
    [
        Grammar.Concatenate(any, Anywhere, any),
        Grammar.Concatenate(AtStart, any),
        Grammar.Concatenate(any, AtEnd),
        AsWhole,
    ]);

    private Node If(bool condition, Node node) => condition ? node : Grammar.Nothing;
}
