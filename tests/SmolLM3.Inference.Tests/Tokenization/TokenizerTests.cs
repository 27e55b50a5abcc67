using System.Text;
using CsCheck;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class TokenizerTests
{
    private static readonly Gen<string> s_texts = Gen.OneOf(
            Gen.OneOf("hello", " world", "the thing", "aaaaa", "12345", "  ", "\n\n", "'s", "é", "<|", "|>"),
            Gen.OneOf("<|im_end|>", "<think>", "</think>", "<|im_", "<", "😀"),
            Gen.String[Gen.Char, 0, 5])
        .Array[0, 12]
        .Select(string.Concat);

    [Fact]
    public void Ordinary_text_becomes_the_tokens_the_merges_make()
    {
        Tokenizer tokenizer = new TestVocabulary().Tokenizer;

        Assert.Equal("hello| world|!", TestVocabulary.Show(tokenizer, tokenizer.Encode("hello world!")));
        Assert.Empty(tokenizer.Encode(""));
    }

    [Fact]
    public void Added_tokens_are_text_unless_asked_for()
    {
        var vocabulary = new TestVocabulary();
        Tokenizer tokenizer = vocabulary.Tokenizer;
        const string Text = "<|im_start|>hello<think><|im_end|>";

        Assert.Equal(
            [vocabulary["<|im_start|>"], vocabulary["hello"], vocabulary["<think>"], vocabulary["<|im_end|>"]],
            tokenizer.Encode(Text, SpecialTokens.All));

        int[] ids = tokenizer.Encode(Text);
        Assert.Equal("<|", TestVocabulary.Show(tokenizer, ids[..1]));
        Assert.All(ids, id => Assert.Equal(TokenKind.Normal, tokenizer.GetKind(id)));
        Assert.Equal(Text, tokenizer.Decode(ids));
    }

    [Fact]
    public void Text_beside_an_added_token_stands_alone()
    {
        Tokenizer tokenizer = new TestVocabulary().Tokenizer;

        // Alone, two spaces before the end are one piece; within a text the last would go with the word.
        int[] ids = tokenizer.Encode("  <think>hello", SpecialTokens.All);
        Assert.Equal("  |<think>|hello", TestVocabulary.Show(tokenizer, ids));
        Assert.Equal(" | world", TestVocabulary.Show(tokenizer, tokenizer.Encode("  world")));
    }

    [Fact]
    public void Ordinary_text_never_becomes_an_added_token() => s_texts.Sample(text =>
    {
        // A vocabulary that tempts: merges that would make added tokens, and a splitting rule that takes whole pieces.
        TestVocabulary vocabulary = new(
            [.. TestVocabulary.CommonMerges, "th in", "thin k", "< think", "<think >"],
            []);
        TokenizerData data = vocabulary.Data;
        int[] added = [vocabulary["hello"], vocabulary["aa"], vocabulary["Ġworld"], vocabulary["think"]];
        foreach (int id in added)
        {
            data.Kinds![id] = (long)TokenKind.UserDefined;
        }

        foreach (string pre in (string[])["smaug-bpe", "llama-bpe"])
        {
            var tokenizer = new Tokenizer(data with { PreTokenizer = pre });
            int[] ids = tokenizer.Encode(text);
            Assert.Empty(ids.Intersect(added));
            Assert.Equal(Valid(text), tokenizer.Decode(ids));
        }
    }, iter: 100);

    [Fact]
    public void Whole_pieces_are_taken_only_by_the_rule_that_says_so()
    {
        // No merge makes " world" of its parts here.
        TestVocabulary vocabulary = new(["w o", "wo r"], []);
        vocabulary.Add("world", TokenKind.Normal);

        foreach ((string pre, string expected) in new[] { ("smaug-bpe", "wor|l|d"), ("llama-bpe", "world") })
        {
            var tokenizer = new Tokenizer(vocabulary.Data with { PreTokenizer = pre });
            Assert.Equal(expected, TestVocabulary.Show(tokenizer, tokenizer.Encode("world")));
        }
    }

    [Fact]
    public void All_bytes_come_back()
    {
        Tokenizer tokenizer = new TestVocabulary().Tokenizer;
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Bool).Sample((bytes, all) =>
        {
            List<int> ids = [];
            tokenizer.Encode(bytes, all ? SpecialTokens.All : SpecialTokens.None, ids);
            Assert.Equal(bytes, ids.SelectMany(id => tokenizer.GetBytes(id).ToArray()));
        }, iter: 1_000);
    }

    [Fact]
    public void All_text_comes_back()
    {
        Tokenizer tokenizer = new TestVocabulary().Tokenizer;
        Gen.Select(s_texts, Gen.Bool).Sample((text, all) => Assert.Equal(
            Valid(text), tokenizer.Decode(tokenizer.Encode(text, all ? SpecialTokens.All : SpecialTokens.None))));
    }

    [Fact]
    public void Bytes_and_text_give_the_same_ids_and_a_destination_is_added_to()
    {
        Tokenizer tokenizer = new TestVocabulary().Tokenizer;
        List<int> ids = [7];
        tokenizer.Encode("hello <think> world"u8, SpecialTokens.All, ids);

        Assert.Equal([7, .. tokenizer.Encode("hello <think> world", SpecialTokens.All)], ids);
    }

    [Fact]
    public void What_was_met_before_changes_nothing()
    {
        Tokenizer used = new TestVocabulary().Tokenizer;
        s_texts.Sample(text =>
        {
            int[] first = used.Encode(text);
            Assert.Equal(first, used.Encode(text));
            Assert.Equal(first, new TestVocabulary().Tokenizer.Encode(text));
        }, iter: 100);
    }

    [Fact]
    public void Many_threads_may_encode_at_once()
    {
        Tokenizer tokenizer = new TestVocabulary().Tokenizer;
        string[] texts =
            [.. Enumerable.Range(0, 200).Select(i => $"the thing {i} hello{new string('a', i)} world {i * i}")];
        int[][] expected = [.. texts.Select(text => tokenizer.Encode(text))];

        Parallel.For(0, 2_000, i => Assert.Equal(expected[i % 200], tokenizer.Encode(texts[i % 200])));
    }

    [Fact]
    public void Encoding_allocates_the_result_only()
    {
        Tokenizer tokenizer = new TestVocabulary().Tokenizer;
        string text = string.Concat(Enumerable.Range(0, 200).Select(i => $"hello world {i} {new string('a', i)}\n"));
        int[] ids = tokenizer.Encode(text);

        long before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(text);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, ids.Length * sizeof(int), ids.Length * sizeof(int) + 200 * 64);
    }

    [Fact]
    public void A_megabyte_of_one_letter_is_no_trouble()
    {
        Tokenizer tokenizer = new TestVocabulary().Tokenizer;

        Assert.Equal(250_000, tokenizer.Encode(new string('a', 1_000_000)).Length);
    }

    [Fact]
    public void Tokens_outside_the_vocabulary_are_refused()
    {
        Tokenizer tokenizer = new TestVocabulary().Tokenizer;

        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.GetKind(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.GetBytes(tokenizer.VocabularySize).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([0, int.MaxValue]));
    }

    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
