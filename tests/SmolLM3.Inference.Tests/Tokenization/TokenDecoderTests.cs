using System.Text;
using CsCheck;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Inference.Tests.Tokenization;

public sealed class TokenDecoderTests
{
    private static readonly Tokenizer s_tokenizer = new TestVocabulary().Tokenizer;

    [Fact]
    public void A_character_is_held_back_until_it_is_whole()
    {
        var decoder = new TokenDecoder(s_tokenizer);

        Assert.Equal(["", "", "", "😀", "a"], "😀a"u8.ToArray().Select(value => decoder.Append(value)).ToArray());
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void A_character_that_cannot_become_whole_is_replaced_at_once()
    {
        var decoder = new TokenDecoder(s_tokenizer);

        Assert.Equal("", decoder.Append(0xF0));
        Assert.Equal("", decoder.Append(0x9F));
        Assert.Equal("\uFFFDa", decoder.Append('a'));
        Assert.Equal("\uFFFD", decoder.Append(0xFF));
    }

    [Fact]
    public void Flush_replaces_what_is_unfinished_and_starts_over()
    {
        var decoder = new TokenDecoder(s_tokenizer);
        decoder.Append(0xE2);

        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("", decoder.Flush());
        Assert.Equal("é", decoder.Append(s_tokenizer.Encode("é")[0]));
    }

    [Fact]
    public void An_added_token_is_its_text_and_ends_what_was_unfinished()
    {
        var decoder = new TokenDecoder(s_tokenizer);
        Assert.True(s_tokenizer.TryGetAddedToken("<think>", out int think));
        decoder.Append(0xC3);

        Assert.Equal("\uFFFD<think>", decoder.Append(think));
    }

    [Fact]
    public void Piece_by_piece_is_the_same_as_all_at_once() => Gen.OneOf(
            Gen.Int[0, s_tokenizer.VocabularySize - 1].Array[0, 40],
            Gen.Int[0x80, 0xFF].Array[0, 40],
            Gen.String[Gen.Char, 0, 20].Select(text => s_tokenizer.Encode(text)))
        .Sample(ids =>
        {
            var decoder = new TokenDecoder(s_tokenizer);
            var text = new StringBuilder();
            foreach (int id in ids)
            {
                string part = decoder.Append(id);
                Assert.False(part.Length > 0 && char.IsHighSurrogate(part[^1]));
                text.Append(part);
            }

            text.Append(decoder.Flush());
            byte[] bytes = [.. ids.SelectMany(id => s_tokenizer.GetBytes(id).ToArray())];
            Assert.Equal(Encoding.UTF8.GetString(bytes), text.ToString());
            Assert.Equal(text.ToString(), s_tokenizer.Decode(ids));
        }, iter: 5_000);

    [Fact]
    public void A_token_longer_than_usual_is_decoded_whole()
    {
        string text = string.Concat(Enumerable.Repeat("é😀", 200));
        TestVocabulary vocabulary = new(added: [(text, TokenKind.UserDefined)]);

        Assert.Equal(text, new TokenDecoder(vocabulary.Tokenizer).Append(vocabulary[text]));
    }
}
