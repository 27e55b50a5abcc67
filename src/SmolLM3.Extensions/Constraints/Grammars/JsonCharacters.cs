using System.Globalization;

namespace SmolLM3.Extensions.Constraints.Grammars;

/// <summary>Characters as they stand in a JSON string: UTF-8, with escapes where JSON wants them.</summary>
internal static class JsonCharacters
{
    private const int FirstPrintable = 0x20;
    private const string Hex = "0123456789abcdefABCDEF";

    private static readonly CharacterSet s_plain =
        CharacterSet.Range(FirstPrintable, 0x10FFFF) & ~CharacterSet.Of("\"\\");

    /// <summary>One character of a set, each in the one form a writer of JSON would choose.</summary>
    public static Node Of(Grammar grammar, CharacterSet set)
    {
        List<Node> options = [PlainCharacters.Of(grammar, set & s_plain)];
        foreach ((int first, int last) in (set & ~s_plain).Ranges)
        {
            for (int character = first; character <= last; character++)
            {
                options.Add(grammar.Literal(Escape((char)character)));
            }
        }

        return grammar.Either(options);
    }

    /// <summary>Any character, in any form a reader of JSON takes; half of a surrogate pair is none.</summary>
    public static Node Any(Grammar grammar)
    {
        Node hex = OneOf(grammar, Hex);
        Node notD = OneOf(grammar, Hex.Replace("d", "", StringComparison.OrdinalIgnoreCase));
        Node d = OneOf(grammar, "dD");
        Node beforeSurrogates = grammar.Concatenate(d, OneOf(grammar, "01234567"), hex, hex);
        Node pair = grammar.Concatenate(
            [d, OneOf(grammar, "89abAB"), hex, hex, grammar.Literal("\\u"), d, OneOf(grammar, "cdefCDEF"), hex, hex]);
        return grammar.Either(
        [
            Of(grammar, CharacterSet.All),
            grammar.Literal("\\/"),
            grammar.Concatenate(
                grammar.Literal("\\u"),
                grammar.Either([grammar.Concatenate(notD, hex, hex, hex), beforeSurrogates, pair])),
        ]);
    }

    /// <summary>A text as a JSON string, quotes included.</summary>
    public static string Quote(string text)
    {
        System.Text.StringBuilder quoted = new("\"");
        foreach (char character in text)
        {
            quoted.Append(character is < ' ' or '"' or '\\' ? Escape(character) : character.ToString());
        }

        return quoted.Append('"').ToString();
    }

    private static Node OneOf(Grammar grammar, string characters) =>
        grammar.Bytes(characters.Aggregate(default(ByteSet), (set, character) => set | ByteSet.Of((byte)character)));

    private static string Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => "\\u" + ((int)character).ToString("x4", CultureInfo.InvariantCulture),
    };
}
