using System.Diagnostics;
using System.Text.RegularExpressions;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Patterns;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>
/// Tries texts on patterns and formats. Where the compiler reads a pattern, it is tried as compiled: in characters, in
/// linear time. Look-around, back-references and word boundaries are left to .NET's expressions, as ECMAScript where
/// those can; texts with characters that .NET reads otherwise are not tried on them.
/// </summary>
internal sealed class PatternMatcher(SchemaValidator validator, GrammarWork work)
{
    // Some formats and some dozens of patterns; each node that is met takes 2 KB.
    private const int MostNodes = 20_000;
    private const int WorkOfMatch = 30;

    // As the compiler's patterns: what is longer takes .NET long to read, which no time limit stops.
    private const int LongestExpression = 1_000;

    private static readonly TimeSpan s_mostTime = TimeSpan.FromMilliseconds(250);

    private readonly Grammar _grammar = new() { MostNodes = MostNodes, Work = work };
    private readonly Dictionary<string, Node?> _patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Node?> _formats = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Regex?> _expressions = new(StringComparer.Ordinal);
    private readonly Stopwatch _watch = new();

    /// <summary>Whether a pattern is found in a text; null, and skipped, where that is not known.</summary>
    public bool? Matches(string pattern, string text)
    {
        validator.Spend(WorkOfMatch + pattern.Length + text.Length);
        bool? matches = TryLanguage(pattern, text) ?? TryExpression(pattern, text);
        if (matches is null)
        {
            validator.Skip();
        }

        return matches;
    }

    /// <summary>Whether a text has a format, as every text has one that is unknown; null, and skipped, where that is
    /// not known.</summary>
    public bool? HasFormat(string format, string text)
    {
        validator.Spend(WorkOfMatch + text.Length);
        try
        {
            if (!_formats.TryGetValue(format, out Node? language))
            {
                _formats.Add(format, language = StringFormats.Find(_grammar, format));
            }

            if (language is null || Allows(language, text))
            {
                return true;
            }

            if (!FormatsAtLarge.Allow(format, text))
            {
                return false;
            }

            validator.Skip();
            return null;
        }
        catch (GrammarTooComplexException)
        {
            validator.Skip();
            return null;
        }
    }

    private static bool Allows(Node language, string text) =>
        ScalarLanguage.Allows(language, JsonCharacters.Quote(text)[1..^1]);

    private bool? TryLanguage(string pattern, string text)
    {
        try
        {
            if (!_patterns.TryGetValue(pattern, out Node? language))
            {
                // None, should it not be read.
                _patterns.Add(pattern, null);
                _patterns[pattern] = language = PatternParser.Parse(_grammar, pattern);
            }

            return language is null ? null : Allows(language, text);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private bool? TryExpression(string pattern, string text)
    {
        if (_watch.Elapsed > s_mostTime || pattern.Length > LongestExpression || text.Any(IsReadOtherwise))
        {
            return null;
        }

        _watch.Start();
        try
        {
            if (!_expressions.TryGetValue(pattern, out Regex? expression))
            {
                _expressions.Add(pattern, null);
                _expressions[pattern] = expression = Read(pattern);
            }

            return expression?.IsMatch(text);
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            return null;
        }
        finally
        {
            _watch.Stop();
        }
    }

    // .NET counts code units, ends lines at fewer characters, and has its own idea of white space.
    private static bool IsReadOtherwise(char character) => char.IsSurrogate(character) || char.IsControl(character)
        || (character > 127 && (char.IsWhiteSpace(character) || character == 0xFEFF));

    private static Regex Read(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.ECMAScript, s_mostTime);
        }
        catch (ArgumentException)
        {
            // Properties of Unicode and the like are not in .NET's ECMAScript.
            return new Regex(pattern, RegexOptions.CultureInvariant, s_mostTime);
        }
    }
}
