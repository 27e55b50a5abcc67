using System.Text;
using CsCheck;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class AddedTokensTests
{
    [Theory]
    [InlineData("say <|im_end|>", 4, "<|im_end|>")]
    [InlineData("<<|im_end|>", 1, "<|im_end|>")]
    [InlineData("<|im_e<think>", 6, "<think>")]
    [InlineData("<|im_start|><|im_end|>", 0, "<|im_start|>")]
    public void The_first_one_is_found(string text, int start, string token)
    {
        var vocabulary = new TestVocabulary();
        byte[] utf8 = Encoding.UTF8.GetBytes(text);

        Assert.True(Added(vocabulary).TryFindFirst(utf8, out int at, out int length, out int id));
        Assert.Equal((start, token.Length, vocabulary[token]), (at, length, id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<")]
    [InlineData("<|im_end|")]
    [InlineData("< |im_end|>")]
    [InlineData("<|IM_END|>")]
    [InlineData("<|im_end|\u200B>")]
    public void Look_alikes_are_not_found(string text)
        => Assert.False(Added(new()).TryFindFirst(Encoding.UTF8.GetBytes(text), out _, out _, out _));

    [Fact]
    public void The_longest_of_those_that_begin_first_is_taken() => Gen
        .Select(
            Gen.OneOf('a', 'b', 'c').Array[1, 5].Select(letters => new string(letters)).Array[0, 6],
            Gen.OneOf('a', 'b', 'c').Array[0, 20].Select(letters => new string(letters)))
        .Sample((tokens, text) =>
        {
            AddedTokens added = Added(new([], tokens.Distinct().Select(token => (token, TokenKind.Control))));
            var expected = tokens.Where(text.Contains)
                .OrderBy(token => text.IndexOf(token, StringComparison.Ordinal))
                .ThenByDescending(token => token.Length)
                .FirstOrDefault();

            bool found = added.TryFindFirst(Encoding.UTF8.GetBytes(text), out int start, out int length, out _);

            Assert.Equal(expected, found ? text.Substring(start, length) : null);
        }, iter: 2_000);

    [Theory]
    [InlineData("<")]
    [InlineData("<|im_star")]
    public void A_megabyte_of_beginnings_is_one_pass(string beginning)
    {
        string text = string.Concat(Enumerable.Repeat(beginning, 1_000_000 / beginning.Length));

        Assert.False(Added(new()).TryFindFirst(Encoding.UTF8.GetBytes(text), out _, out _, out _));
    }

    [Fact]
    public void Only_control_and_user_defined_tokens_are_found()
    {
        TestVocabulary vocabulary = new(added: [("<a>", TokenKind.Control), ("<b>", TokenKind.UserDefined),
            ("<c>", TokenKind.Normal), ("<d>", TokenKind.Unused), ("<e>", TokenKind.Unknown), ("", TokenKind.Control)]);
        AddedTokens added = Added(vocabulary);

        Assert.True(added.TryGet("<a>", out int id));
        Assert.Equal(vocabulary["<a>"], id);
        Assert.True(added.TryGet("<b>", out _));
        Assert.All(["<c>", "<d>", "<e>", "", "<a", "<a>>"], text => Assert.False(added.TryGet(text, out _)));
    }

    private static AddedTokens Added(TestVocabulary vocabulary) => new(vocabulary.Tables.Vocabulary);
}
