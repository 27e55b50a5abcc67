using System.Text.RegularExpressions;
using CsCheck;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Patterns;

namespace SmolLM3.Extensions.Tests.Constraints.Patterns;

public sealed class PatternParserTests
{
    private static readonly Gen<NaivePattern> _atom = Gen.OneOf(
        NaivePattern.Empty,
        NaivePattern.Start,
        NaivePattern.End,
        NaivePattern.Of("a", character => character == 'a'),
        NaivePattern.Of("b", character => character == 'b'),
        NaivePattern.Of("\"", character => character == '"'),
        NaivePattern.Of(@"\\", character => character == '\\'),
        NaivePattern.Of(@"\t", character => character == '\t'),
        NaivePattern.Of("é", character => character == 'é'),
        NaivePattern.Of(".", character => character != '\n'),
        NaivePattern.Of("[ab]", character => character is 'a' or 'b'),
        NaivePattern.Of("[^a]", character => character != 'a'),
        NaivePattern.Of(@"[\d_-]", character => character is '1' or '_'),
        NaivePattern.Of(@"\w", character => character is 'a' or 'b' or '1' or '_'),
        NaivePattern.Of(@"\D", character => character != '1'));

    private static readonly Gen<(string Text, int Least, int Most)> _times = Gen.OneOf(
        ("*", 0, int.MaxValue), ("+", 1, int.MaxValue), ("?", 0, 1), ("+?", 1, int.MaxValue), ("??", 0, 1),
        ("{2}", 2, 2), ("{0}", 0, 0), ("{1,2}", 1, 2), ("{0,2}", 0, 2), ("{2,}", 2, int.MaxValue), ("{3,5}?", 3, 5));

    private static readonly Gen<NaivePattern> _pattern = Gen.Recursive<NaivePattern>((depth, pattern) => depth > 3
        ? _atom
        : Gen.Frequency(
            (2, _atom),
            (3, pattern.Array[2, 4].Select(parts => parts.Aggregate((first, next) => first.Then(next)))),
            (2, pattern.Array[2, 3].Select(NaivePattern.Either)),
            (2, Gen.Select(pattern, _times, (item, times) => item.Repeat(times.Text, times.Least, times.Most)))));

    private static readonly Gen<string> _text = Gen.OneOf('a', 'b', '1', '_', '"', '\\', '\t', '\n', 'é').Array[0, 6]
        .Select(characters => new string(characters));

    [Theory]
    [InlineData("", "", "x", "\n\"\\é😀")]
    [InlineData("a", "a", "xa", "ax", "xax", "aa", "\0a")]
    [InlineData("^a", "a", "ab")]
    [InlineData("a$", "a", "ba")]
    [InlineData("^a|b$", "a", "ax", "b", "xb")]
    [InlineData("(^a|b)c", "ac", "acx", "bc", "xbc", "abc")]
    [InlineData("a(?:b$|c)", "ab", "xab", "acx")]
    [InlineData("^(?:^a$)$", "a")]
    [InlineData("^$|^a", "", "a", "ab")]
    [InlineData("(^|,)x(,|$)", "x", "a,x", "x,a", "a,x,a")]
    [InlineData("^(?:^|a){3}b", "b", "ab", "aab", "aaab")]
    [InlineData("^(?:^a|$){3}", "", "a")]
    [InlineData("(?:a$|^){3}$", "", "a")]
    [InlineData("^(?:^a$|b?){2}$", "", "a", "bb")]
    [InlineData("^(?:^a$|^){2}$", "", "a")]
    [InlineData("^(?:^a$|$){2}$", "", "a")]
    [InlineData("(?:^a?$){2}", "")]
    [InlineData("(?:^$)^|$(?:^$)", "")]
    [InlineData("^[a-c]+$", "a", "abc")]
    [InlineData("^[^a-c]$", "d", "\n", "\"", "😀")]
    [InlineData("^[]$|^[^]$", "x", "\n")]
    [InlineData(@"^[-a][a-][\-\]\b]$", "-a\b", "a--", "--]")]
    [InlineData("^.$", "x", "\t", "\"", "é", "😀")]
    [InlineData(@"^\d\D\w\W\s\S$", "0x_-\u00a0.", "9\u0660Aé\ufeff\"")]
    [InlineData(@"^\t\n\r\f\v\0\cJ\x41\u00e9\u{1F600}\uD83D\uDE00$", "\t\n\r\f\v\0\nAé😀😀")]
    [InlineData(@"^[\uD83D\uDE00-\u{1F602}😺]$", "😀", "😁", "😂", "😺")]
    [InlineData(@"^\^\$\\\.\*\+\?\(\)\[\]\{\}\|\/\-\@$", "^$\\.*+?()[]{}|/-@")]
    [InlineData("^(a)(?:b)(?<name>c)$", "abc")]
    [InlineData("^a{2}b{1,}c{0,1}d{2,3}e{0}?$", "aabcdd", "aabbddd")]
    [InlineData("^a*?b+?c??d{1,2}?$", "bd", "aabbcdd")]
    [InlineData("^(?:^a){0}(b$){0,}$", "", "b")]
    [InlineData("^(?:a?){3}$", "", "a", "aaa")]
    [InlineData("^(?:a*)*$", "", "aaaa")]
    [InlineData(@"^\p{Lu}\p{Letter}\p{gc=Nd}\p{General_Category=Zs}\P{L}$", "Éß\u0663 !", "Aa1\u30001")]
    [InlineData(@"^[\p{L}\d]+$", "été2")]
    [InlineData(@"^\p{ASCII}\P{ASCII}\p{Any}\p{Assigned}\p{LC}$", "~é\n😀ǅ")]
    public void Texts_with_a_match_are_accepted(string pattern, params string[] texts)
    {
        Node node = PatternParser.Parse(new Grammar(), pattern);

        Assert.All(texts, text => Assert.True(node.Accepts(text)));
    }

    [Theory]
    [InlineData("a", "", "b", "A")]
    [InlineData("^a", "ba", "\na")]
    [InlineData("a$", "ab", "a\n")]
    [InlineData("^a|b$", "xa", "bx", "")]
    [InlineData("(^a|b)c", "xac", "c", "ab")]
    [InlineData("a(?:b$|c)", "abx", "a")]
    [InlineData("(^|,)x(,|$)", "ax", "xa", "a,xa")]
    [InlineData("^(?:^|a){3}b", "aaaab")]
    [InlineData("(?:^|a){3}b", "xb", "xab", "xaab")]
    [InlineData("^(?:^a|$){3}", "b", "ab")]
    [InlineData("(?:a$|^){3}$", "b", "ba")]
    [InlineData("^(?:^a$|b){2}$", "", "a", "b", "ab")]
    [InlineData("(?:^a?$){2}", "a", "b")]
    [InlineData("(?:^$)^|$(?:^$)", "a")]
    [InlineData("a^b|a$b|[]|$a|a^", "", "ab", "a", "b", "a\nb")]
    [InlineData("^[^a-c]$", "a", "", "dd")]
    [InlineData("^.$", "\n", "\r", "\u2028", "\u2029", "xx")]
    [InlineData(@"^\d$", "\u0663", "x")]
    [InlineData(@"^\w$", "é", "-")]
    [InlineData(@"^\s$", "\u200b", "\u0085", "x")]
    [InlineData(@"\uD83D|[\uD800-\uDFFF]|\p{Cs}", "😀", "x")]
    [InlineData("^a{2,3}$", "a", "aaaa")]
    [InlineData(@"^\p{Lu}$", "a", "1", "É!")]
    [InlineData(@"^\p{LC}$", "ª", "1")]
    public void Texts_without_one_are_not(string pattern, params string[] texts)
    {
        Node node = PatternParser.Parse(new Grammar(), pattern);

        Assert.All(texts, text => Assert.False(node.Accepts(text)));
    }

    [Fact]
    public void Matches_are_those_of_the_definition() => Gen.Select(_pattern, _text.Array[20]).Sample(
        (pattern, texts) =>
        {
            Node node = PatternParser.Parse(new Grammar(), pattern.Pattern);
            Assert.All(texts, text => Assert.Equal(pattern.IsMatch(text), node.Accepts(text)));
        },
        iter: 5_000);

    [Theory]
    [InlineData("^[a-b_][^1]*$")]
    [InlineData(@"a\d|^\w{2,4}$|\s+""")]
    [InlineData(@"^(?:[\w]+[\t\\])*1?$")]
    [InlineData(@"(^|\W)(?<name>a|b\D)(1|$)")]
    [InlineData(@"^(?:a|b1){2,3}(?:é_?)??[^\S\t]*")]
    [InlineData(@"\u00e9.\x31|[\x5c""][a-\x62]+?\\")]
    public void Matches_are_those_of_another_engine(string pattern)
    {
        Regex regex = new(pattern, RegexOptions.ECMAScript);
        Node node = PatternParser.Parse(new Grammar(), pattern);

        // It takes $ to match before a last line end too.
        _text.Where(text => !text.EndsWith('\n')).Sample(
            text => Assert.Equal(regex.IsMatch(text), node.Accepts(text)),
            iter: 5_000,
            threads: 1);
    }

    [Theory]
    [InlineData("a(?=b)", "look-ahead", 1)]
    [InlineData("a(?!b)", "look-ahead", 1)]
    [InlineData("(?<=a)", "look-behind", 0)]
    [InlineData("(?<!a)", "look-behind", 0)]
    [InlineData(@"(a)\1", "back-reference", 3)]
    [InlineData(@"(?<n>a)\k<n>", "back-reference", 7)]
    [InlineData(@"\bx", "word boundary", 0)]
    [InlineData(@"x\B", "word boundary", 1)]
    [InlineData(@"[\p{Script=Greek}]", "'Script=Greek'", 1)]
    [InlineData(@"\p{Greek}", "'Greek'", 0)]
    [InlineData("a{10001}", "10,000", 1)]
    [InlineData("a{0,99999999999}", "10,000", 1)]
    public void What_is_not_supported_is_said(string pattern, string construct, int offset)
    {
        string message = Message(pattern);

        Assert.Contains(construct, message);
        Assert.Contains($"at offset {offset} of the pattern, is not supported", message);
    }

    [Theory]
    [InlineData("(a", 2)]
    [InlineData("a)", 1)]
    [InlineData("(?i:a)", 1)]
    [InlineData("(?P<n>a)", 1)]
    [InlineData("(?<1>a)", 3)]
    [InlineData("(?<n", 3)]
    [InlineData("*a", 0)]
    [InlineData("a|+", 2)]
    [InlineData("a**", 2)]
    [InlineData("^*", 1)]
    [InlineData("a{2,1}", 1)]
    [InlineData("a{,1}", 1)]
    [InlineData("a{2", 1)]
    [InlineData("{", 0)]
    [InlineData("}", 0)]
    [InlineData("]", 0)]
    [InlineData("[a", 2)]
    [InlineData("[b-a]", 1)]
    [InlineData(@"[a-\d]", 1)]
    [InlineData(@"[\w-.]", 1)]
    [InlineData("a\\", 2)]
    [InlineData(@"\a", 0)]
    [InlineData(@"\00", 0)]
    [InlineData(@"\c1", 0)]
    [InlineData(@"\x4", 2)]
    [InlineData(@"\u12g4", 2)]
    [InlineData(@"\u{110000}", 3)]
    [InlineData(@"\u{}", 3)]
    [InlineData(@"\pL", 2)]
    [InlineData(@"\p{L", 3)]
    public void What_is_malformed_is_said(string pattern, int offset) =>
        Assert.StartsWith($"The pattern is malformed at offset {offset}: ", Message(pattern));

    [Fact]
    public void Sizes_are_limited()
    {
        Assert.NotNull(PatternParser.Parse(new Grammar(), Nested(100)));
        Assert.Contains("within 100 others", Message(Nested(101)));
        Assert.NotNull(PatternParser.Parse(new Grammar(), new string('a', 1_000)));
        Assert.Contains("1,000 characters", Message(new string('a', 1_001)));

        static string Nested(int depth) => new string('(', depth) + new string(')', depth);
    }

    private static string Message(string pattern) =>
        Assert.Throws<NotSupportedException>(() => PatternParser.Parse(new Grammar(), pattern)).Message;
}
