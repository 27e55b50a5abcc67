using System.Text;
using CsCheck;
using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.Chat.Vocabularies;

namespace SmolLM3.Extensions.Tests.Chat;

public class ChatOutputParserPropertyTests
{
    private static readonly string[] s_tags = ["<think>", "</think>", "<tool_call>", "</tool_call>", "<code>", "</code>"];

    private static readonly string[] s_words =
    [
        "a", "b", " ", "\n", "\n\n", "é", "😀", "中", "{\"name\": \"f\", \"arguments\": {}}",
        "{", "STOP", "ST", "OP", "<think>",
    ];

    private static readonly Gen<string> s_text = Gen.OneOf([.. s_words.Select(Gen.Const)]).Array[0, 5]
        .Select(string.Concat);

    private static readonly Gen<string[]> s_parts =
        Gen.Select(
            s_text,
            Gen.Select(Gen.OneOf([.. s_tags.Select(Gen.Const)]), s_text, (tag, text) => new[] { tag, text }).Array[0, 5],
            (first, rest) => (string[])[first, .. rest.SelectMany(pair => pair)]);

    [Fact]
    public void However_text_is_cut_into_tokens_the_result_is_the_same()
    {
        Gen.Select(s_parts, Gen.Int[1, 4].Array[1, 8], Gen.Bool).Sample((parts, cuts, stops) =>
        {
            string[] sequences = stops ? ["STOP", "a\n"] : [];

            string whole = ParsedOutput.Parse(Tiny, Tokens(parts, null), readsCode: true, sequences).Show();

            Assert.Equal(whole, ParsedOutput.Parse(Tiny, Tokens(parts, cuts), readsCode: true, sequences).Show());
        });
    }

    [Fact]
    public void But_for_tags_and_blanks_beside_them_nothing_is_lost()
    {
        s_parts.Sample(parts =>
        {
            List<OutputSegment> segments = ParsedOutput.Parse(Tiny, Tokens(parts, null), readsCode: true).Segments;

            // Tags within a thought or a call are its text; those of a pair are not given out.
            string given = Squeeze(string.Concat(segments.Select(segment => segment.Text)));
            string said = Squeeze(string.Concat(parts.Where((_, i) => i % 2 == 0)));
            Assert.Equal(Letters(said), Letters(given));
        });
    }

    [Fact]
    public void Neither_any_tokens_in_any_order_nor_a_second_end_do_harm()
    {
        Gen.Int[0, Tiny.VocabularySize - 1].Array[0, 60].Sample(tokens =>
        {
            ParsedOutput parsed = ParsedOutput.Parse(Tiny, tokens, readsCode: true, "e");
            int count = parsed.Segments.Count;

            parsed.Parser.Finish(parsed.Segments, isCut: true);

            Assert.Equal(count, parsed.Segments.Count);
        });
    }

    private static IEnumerable<int> Tokens(string[] parts, int[]? cuts)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            IEnumerable<int> tokens = Tiny.Encode(parts[i], i % 2 == 1 ? SpecialTokens.All : SpecialTokens.None);
            foreach (int token in i % 2 == 0 && cuts is not null ? Cut(parts[i], cuts) : tokens)
            {
                yield return token;
            }
        }
    }

    /// <summary>Encodes a text in stretches of so many bytes, whatever characters they cut.</summary>
    private static List<int> Cut(string text, int[] lengths)
    {
        List<int> tokens = [];
        ReadOnlySpan<byte> utf8 = Encoding.UTF8.GetBytes(text);
        for (int i = 0; utf8.Length > 0; i++)
        {
            int length = Math.Min(lengths[i % lengths.Length], utf8.Length);
            Tiny.Encode(utf8[..length], SpecialTokens.None, tokens);
            utf8 = utf8[length..];
        }

        return tokens;
    }

    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    private static string Letters(string text) => s_tags.Aggregate(text, (rest, tag) => rest.Replace(tag, ""));
}
