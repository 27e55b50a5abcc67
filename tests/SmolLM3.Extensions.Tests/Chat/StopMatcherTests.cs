using CsCheck;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Tests.Chat;

public class StopMatcherTests
{
    [Theory]
    [InlineData("one two three", "one ", "two")]
    [InlineData("aaab", "a", "aab")]
    [InlineData("abcd", "a", "abcd", "bc")]
    [InlineData("xabc", "x", "bc", "abc")]
    [InlineData("END", "", "END")]
    [InlineData("EN", null, "END")]
    [InlineData("ENEND more", "EN", "END")]
    [InlineData("Über ß", "Über ", "ß")]
    [InlineData("end", null, "END")]
    [InlineData("text", null, "")]
    [InlineData("text", null)]
    public void Text_ends_before_the_stop_sequence_however_it_is_cut(string text, string? given, params string[] stops)
    {
        Gen.Bool.Array[text.Length].Sample(cuts =>
        {
            StopMatcher matcher = new(stops);

            string result = string.Concat(Cut(text, cuts).Select(matcher.Append)) + matcher.Flush();

            Assert.Equal(given ?? text, result);
            Assert.Equal(given is not null, matcher.Stopped);
        });
    }

    [Fact]
    public void Only_what_may_become_a_stop_sequence_is_held_back()
    {
        StopMatcher matcher = new(["</end>", "STOP"]);

        Assert.Equal("Hello ", matcher.Append("Hello S"));
        Assert.Equal("Son ", matcher.Append("on <"));
        Assert.Equal("", matcher.Append("/en"));
        Assert.Equal("</enx", matcher.Append("x"));
        Assert.Equal("", matcher.Append("ST"));
        Assert.Equal("ST", matcher.Flush());
        Assert.Equal("OP", matcher.Append("OP"));
    }

    [Fact]
    public void Any_text_and_stops_give_what_a_search_letter_by_letter_gives()
    {
        Gen<string> letters = Gen.Char["ab"].Array[0, 12].Select(chars => new string(chars));
        Gen<string> stop = Gen.Char["ab"].Array[1, 4].Select(chars => new string(chars));
        Gen.Select(letters, stop.Array[0, 3], Gen.Bool.Array[12]).Sample((text, stops, cuts) =>
        {
            int end = Enumerable.Range(1, text.Length).FirstOrDefault(i => stops.Any(text[..i].EndsWith), -1);
            string expected = end < 0 ? text : text[..(end - stops.Where(text[..end].EndsWith).Max(s => s.Length))];
            StopMatcher matcher = new(stops);

            string result = string.Concat(Cut(text, cuts).Select(matcher.Append)) + matcher.Flush();

            Assert.Equal(expected, result);
            Assert.Equal(end >= 0, matcher.Stopped);
        });
    }

    private static IEnumerable<string> Cut(string text, bool[] cuts)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (cuts[i])
            {
                yield return text[start..i];
                start = i;
            }
        }

        yield return text[start..];
    }
}
