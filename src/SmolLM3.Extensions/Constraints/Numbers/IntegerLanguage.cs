using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Numbers;

/// <summary>Integers as JSON writes them.</summary>
internal static class IntegerLanguage
{
    /// <summary>
    /// All integers within bounds, of at most <see cref="Digits.Most"/> digits: without zeros in front, -0, point or
    /// exponent. Without such an integer it is <see cref="Grammar.Nothing"/>.
    /// </summary>
    public static Node Within(Grammar grammar, NumberBounds bounds) => MultipleLanguage.Of(grammar, 1, bounds);
}
