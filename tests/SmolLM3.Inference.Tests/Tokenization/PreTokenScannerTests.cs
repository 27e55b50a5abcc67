using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed partial class PreTokenScannerTests
{
    // .NET does not fold U+017F to s; Oniguruma and tiktoken, which the rule follows, do.
    [GeneratedRegex(@"'(?:[sSſtTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
        + @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern { get; }

    [Theory]
    [InlineData("", "")]
    [InlineData("Hello world", "Hello| world")]
    [InlineData("Hello  world", "Hello| | world")]
    [InlineData("Hello \t world ", "Hello| \t| world| ")]
    [InlineData("tab\tword", "tab|\tword")]
    [InlineData("  ", "  ")]
    [InlineData("a \n b", "a| \n| b")]
    [InlineData("a\r\n \r\n  b \n\n", "a|\r\n \r\n| | b| \n\n")]
    [InlineData("a\n\n\n   ", "a|\n\n\n|   ")]
    [InlineData("x\u00A0\u00A0y", "x|\u00A0|\u00A0y")]
    [InlineData("x\u3000 1", "x|\u3000| |1")]
    [InlineData("1234567", "123|456|7")]
    [InlineData("a12b345", "a|12|b|345")]
    [InlineData("٣٤٥٦½", "٣٤٥|٦½")]
    [InlineData("I'm you'll HE'D '", "I|'m| you|'ll| HE|'D| '")]
    [InlineData("'sleep 'LLama 'rest 'vex'", "'s|leep| '|LLama| '|rest| '|vex|'")]
    [InlineData("'LLama'RE'VE", "'LL|ama|'RE|'VE")]
    [InlineData("'ſo", "'ſ|o")]
    [InlineData("('x')", "('|x|')")]
    [InlineData("f(x)=y;\r\n\r\nreturn", "f|(x|)=|y|;\r\n\r\n|return")]
    [InlineData("$ x != y", "$| x| !=| y")]
    [InlineData(" \t!", " |\t|!")]
    [InlineData("e\u0301a", "e|\u0301a")]
    [InlineData("e\u0301\u0301a", "e|\u0301\u0301|a")]
    [InlineData("漢字かな交じり文。終", "漢字かな交じり文|。終")]
    [InlineData("مرحبا بالعالم", "مرحبا| بالعالم")]
    [InlineData("👩‍👩‍👧 ok", "👩‍👩‍👧| ok")]
    [InlineData("\u001C\u001D a", "\u001C\u001D| a")]
    [InlineData("a\u200Bb", "a|\u200Bb")]
    [InlineData("\n 'tis", "\n| '|tis")]
    public void Text_is_split_as_the_pattern_says(string text, string pieces)
        => Assert.Equal(pieces, string.Join('|', Split(Encoding.UTF8.GetBytes(text)).Select(Encoding.UTF8.GetString)));

    [Fact]
    public void Bytes_that_are_not_text_are_characters_of_their_own()
    {
        // One goes with the letters after it, as any other character would; two do not.
        Assert.Equal(["61", "FF62", "80FF", "63"], Hex([0x61, 0xFF, 0x62, 0x80, 0xFF, 0x63]));
        Assert.Equal(["E282", "61"], Hex([0xE2, 0x82, 0x61]));
        Assert.Equal(["20FF0A", "31"], Hex([0x20, 0xFF, 0x0A, 0x31]));
    }

    [Fact]
    public void Any_text_is_split_as_a_regex_engine_splits_it() => Gen.OneOf(
            Gen.OneOf("a", "s", "S", "ll", "re", "V", "E", "T", "'", "'", "1", "23", " ", " ", "\n", "\r", "\t", "."),
            Gen.OneOf("ſ", "é", "e\u0301", "ß", "漢", "ع", "½", "٣", "Ⅷ", "\u00A0", "\u3000", "\u2028", "\u0085"),
            Gen.OneOf("\u200D", "\u001C", "\0", "�", "€", "😀", "𝒳", "𝟘", "\U000E0001", "\U0001F1E9", "\u180E"),
            Gen.Int[0, 0x10FFFF].Where(Rune.IsValid).Select(value => new Rune(value).ToString()))
        .Array[0, 24]
        .Select(string.Concat)
        .Sample(text => Assert.Equal(SplitByRegex(text), Hex(Encoding.UTF8.GetBytes(text))), iter: 10_000);

    [Fact]
    public void The_pieces_of_any_bytes_are_the_bytes() => Gen.Byte.Array[0, 40]
        .Sample(bytes => Assert.Equal(bytes, Split(bytes).SelectMany(piece => piece)), iter: 2_000);

    [Theory]
    [InlineData("a", 1)]
    [InlineData(" ", 1)]
    [InlineData("\n ", 2)]
    [InlineData("\n a", 666_666)]
    [InlineData(" \n", 1)]
    [InlineData("'", 1)]
    [InlineData("1", 333_334)]
    [InlineData("\u0080", 1)]
    public void A_megabyte_of_anything_is_one_pass(string unit, int pieces)
    {
        byte[] text = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length)));

        Assert.Equal(pieces, Split(text).Count);
    }

    private static List<byte[]> Split(byte[] text)
    {
        var pieces = new List<byte[]>();
        var scanner = new PreTokenScanner(text);
        while (scanner.MoveNext())
        {
            pieces.Add(scanner.Current.ToArray());
        }

        return pieces;
    }

    private static List<string> Hex(byte[] text) => [.. Split(text).Select(Convert.ToHexString)];

    // .NET's engine sees surrogates, not characters beyond U+FFFF: it is shown stand-ins of their category.
    private static List<string> SplitByRegex(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        string shown = string.Concat(runes.Select(rune => rune.IsBmp ? (char)rune.Value : StandIn(rune)));
        return [.. Pattern.Matches(shown).Select(match => Convert.ToHexString(Encoding.UTF8.GetBytes(
            string.Concat(runes.Skip(match.Index).Take(match.Length)))))];
    }

    private static char StandIn(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => 'ק',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '٣',
        _ => '☃',
    };
}
