using System.Buffers;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace SmolLM3.Extensions.Tokenizers.Tests;

/// <summary>The contract of Microsoft.ML.Tokenizers over SmolLM3's tokens.</summary>
public sealed class MLTokenizerTests(TinyTokenizer tiny) : IClassFixture<TinyTokenizer>
{
    public static TheoryData<string> Texts =>
    [
        "", "Hello, world!", "  two  blanks\r\n\n", "Größe żółć Ελλάδα", "漢字かな交じり文", "مرحبا بالعالم",
        "a😀b👩‍👩‍👧‍👦c🇵🇱", "\ud83d lone \ude00\ud83d", "<|im_start|>user\n<think>\0",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Ids_counts_and_text_are_those_of_the_client(string text)
    {
        IReadOnlyList<int> expected = tiny.Words.Encode(text);

        Assert.Equal(expected, tiny.Adapter.EncodeToIds(text));
        Assert.Equal(expected, tiny.Adapter.EncodeToIds(text.AsSpan()));
        Assert.Equal(expected.Count, tiny.Adapter.CountTokens(text));
        Assert.Equal(expected.Count, tiny.Adapter.CountTokens(text.AsSpan()));
        Assert.Equal(tiny.Words.Decode(expected), tiny.Adapter.Decode(expected));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Ranges_of_tokens_cover_the_text_in_order(string text)
    {
        IReadOnlyList<EncodedToken> tokens = tiny.Adapter.EncodeToTokens(text, out string? normalized);

        Assert.Null(normalized);
        Assert.Equal(tiny.Words.Encode(text), tokens.Select(token => token.Id));
        int end = 0;
        foreach (EncodedToken token in tokens)
        {
            // A character of several tokens belongs to each of them.
            Assert.InRange(token.Offset.Start.Value, Math.Max(0, end - 2), end);
            Assert.True(token.Offset.End.Value >= end);
            Assert.Equal(text[token.Offset], token.Value);
            byte[] covered = Encoding.UTF8.GetBytes(token.Value);
            Assert.True(covered.AsSpan().IndexOf(tiny.Words.GetBytes(token.Id)) >= 0);
            end = token.Offset.End.Value;
        }

        Assert.Equal(text.Length, end);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_limit_keeps_as_many_tokens_as_make_whole_characters(string text)
    {
        int all = tiny.Words.CountTokens(text);
        for (int most = 1; most <= all + 1; most++)
        {
            int index = tiny.Adapter.GetIndexByTokenCount(text, most, out _, out int count);
            IReadOnlyList<int> ids = tiny.Adapter.EncodeToIds(text, most, out _, out int consumed);
            Assert.Equal((index, count), (consumed, ids.Count));
            Assert.InRange(count, Math.Max(0, Math.Min(most, all) - 3), Math.Min(most, all));
            Assert.Equal(Replaced(text[..index]), tiny.Words.Decode(ids));

            int from = tiny.Adapter.GetIndexByTokenCountFromEnd(text, most, out _, out int countFromEnd);
            Assert.InRange(countFromEnd, Math.Max(0, Math.Min(most, all) - 3), Math.Min(most, all));
            IReadOnlyList<int> last = [.. tiny.Words.Encode(text).Skip(all - countFromEnd)];
            Assert.Equal(Replaced(text[from..]), tiny.Words.Decode(last));
            Assert.True(most < all || (index, from, count, countFromEnd) == (text.Length, 0, all, all));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => tiny.Adapter.GetIndexByTokenCount(text, 0, out _, out _));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Decoding_goes_on_where_the_destination_was_full(string text)
    {
        IReadOnlyList<int> ids = tiny.Words.Encode(text);
        string whole = tiny.Words.Decode(ids);
        for (int size = 32; size <= 40; size++)
        {
            StringBuilder read = new();
            int taken = 0;
            OperationStatus status;
            do
            {
                char[] part = new char[size];
                status = tiny.Adapter.Decode(ids.Skip(taken), part, out int consumed, out int written);
                Assert.True(status == OperationStatus.Done || consumed > 0);
                read.Append(part.AsSpan(0, written));
                taken += consumed;
            }
            while (status == OperationStatus.DestinationTooSmall);

            Assert.Equal((whole, ids.Count), (read.ToString(), taken));
        }
    }

    [Fact]
    public void A_destination_that_is_too_small_takes_no_half_character()
    {
        int[] ids = [.. tiny.Words.Encode("ab"), .. tiny.Words.Encode("\U0001F9FF")];
        int letters = tiny.Words.CountTokens("ab");
        OperationStatus status = tiny.Adapter.Decode(ids, new char[3], out int consumed, out int written);

        Assert.Equal((OperationStatus.DestinationTooSmall, letters, 2), (status, consumed, written));
        status = tiny.Adapter.Decode(ids[..^1], new char[3], out consumed, out written);
        Assert.Equal((OperationStatus.Done, ids.Length - 1, 3), (status, consumed, written));
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentNullException>(() => ((ISmolLM3Tokenizer)null!).AsMLTokenizer());
        Assert.Throws<ArgumentNullException>(() => tiny.Adapter.Decode(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => tiny.Adapter.Decode([-1]));
    }

    private static string Replaced(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
