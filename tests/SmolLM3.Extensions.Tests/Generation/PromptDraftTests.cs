using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>Guesses from what came before.</summary>
public sealed class PromptDraftTests
{
    [Theory]
    [InlineData(3, new[] { 1, 2, 3, 4, 5, 6, 1, 2, 3 }, 3)]
    [InlineData(3, new[] { 1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3 }, 7)] // the last time counts
    [InlineData(3, new[] { 7, 7, 7, 7 }, 3)]
    [InlineData(3, new[] { 1, 2, 3, 4, 9, 2, 3 }, null)] // two agree, but not three
    [InlineData(2, new[] { 1, 2, 3, 4, 9, 2, 3 }, 3)]
    [InlineData(1, new[] { 1, 2, 3, 4, 9, 3 }, 3)]
    [InlineData(1, new[] { 1, 2, 3 }, null)]
    [InlineData(1, new[] { 1 }, null)]
    [InlineData(3, new[] { 1, 2 }, null)]
    public void The_last_place_where_the_last_tokens_came_is_found(int order, int[] tokens, int? next)
    {
        var draft = new NGramDraft(order, 100);
        draft.Follow(tokens);
        Assert.Equal(next, draft.TryFind(tokens, out int found) ? found : null);
    }

    [Fact]
    public void Trust_grows_with_what_stood_and_ends_with_what_did_not()
    {
        var draft = new NGramDraft(3, 100);
        Assert.Equal(1, draft.CountTrusted(3));

        LearnAll(true, times: 3);
        Assert.Equal(3, draft.CountTrusted(3));
        Assert.Equal(2, draft.CountTrusted(2));

        LearnAll(false, times: 20);
        Assert.Equal(0, draft.CountTrusted(3));
        LearnAll(true, times: 10);
        Assert.NotEqual(0, draft.CountTrusted(3));

        void LearnAll(bool stood, int times)
        {
            for (int i = 0; i < times * PromptDraft.MostTokens; i++)
            {
                draft.Learn(i % PromptDraft.MostTokens, stood);
            }
        }
    }

    [Fact]
    public void Who_copies_is_soon_given_all_guesses_and_the_copy_is_what_they_are()
    {
        int[] text = [.. Enumerable.Range(0, 40)];
        List<int> tokens = [.. text, 99, .. text[..3]];
        var draft = new PromptDraft(tokens, 200);
        List<int> lengths = [];
        for (int at = 3; at < 30; at++)
        {
            int[] guess = draft.Guess(3).ToArray();
            Assert.Equal(text[at..(at + guess.Length)], guess);
            lengths.Add(guess.Length);
            tokens.Add(text[at]);
        }

        Assert.Equal(1, lengths[0]);
        Assert.All(lengths[5..], length => Assert.Equal(3, length));
    }

    [Fact]
    public void Who_never_copies_is_soon_left_alone_until_he_does()
    {
        // After 1 comes something else each time.
        List<int> tokens = [];
        var draft = new PromptDraft(tokens, 200);
        int late = 0;
        for (int i = 0; i < 100; i++)
        {
            tokens.AddRange([1, 100 + i, 1]);
            int guesses = draft.Guess(3).Length;
            late += i < 50 ? 0 : guesses;
        }

        Assert.Equal(0, late);
        List<int> copied = [.. Enumerable.Range(300, 10)];
        tokens.AddRange([.. copied, 1]);
        bool isGuessed = false;
        foreach (int token in copied.Concat(copied).Concat(copied))
        {
            isGuessed |= draft.Guess(3).Length > 0;
            tokens.Add(token);
        }

        Assert.True(isGuessed);
    }

    [Fact]
    public void A_copy_goes_on_behind_what_was_put_in_place_of_a_piece_of_it()
    {
        // Fields: a label, and a value to be put for what stands there. The text behind a value has come many times.
        List<int> tokens = [.. Enumerable.Range(0, 12).SelectMany(i => (int[])[100 + i, 200 + i, 300, 7])];
        int[] form = [.. tokens];
        var draft = new PromptDraft(tokens, 200);
        int right = 0;
        for (int i = 0; i < form.Length; i++)
        {
            int next = form[i] == 300 ? 400 + i : form[i];
            right += draft.Guess(1).StartsWith([next]) && form[i] >= 100 && form[i] < 200 ? 1 : 0;
            tokens.Add(next);
        }

        // The labels, which follow the 7 behind each value.
        Assert.InRange(right, 6, 12);
    }

    [Fact]
    public void Nothing_is_resumed_beyond_what_may_stand_for_a_piece()
    {
        int[] tokens = [.. Enumerable.Range(0, 30), 20];
        var draft = new ResumedDraft();
        Assert.False(draft.TryFind(tokens, out _));
        draft.Leave(20);
        Assert.True(draft.TryFind(tokens, out int next));
        Assert.Equal(21, next);
        draft.Leave(13);
        Assert.True(draft.TryFind(tokens, out next));
        Assert.Equal(21, next);
        draft.Leave(12);
        Assert.False(draft.TryFind(tokens, out _));
        draft.Leave(tokens.Length - 1);
        Assert.False(draft.TryFind(tokens, out _));
    }

    [Fact]
    public void No_more_is_guessed_than_is_known()
    {
        List<int> tokens = [7, 7];
        var draft = new PromptDraft(tokens, 100);
        for (int i = 0; i < 10; i++)
        {
            Assert.InRange(draft.Guess(3).Length, 0, 1);
            tokens.Add(7);
        }
    }

    [Fact]
    public void A_table_that_is_too_small_finds_less_and_nothing_wrong()
    {
        var random = new Random(1);
        List<int> tokens = [.. Enumerable.Range(0, 20_000).Select(_ => random.Next(1000))];
        tokens.AddRange(tokens[5_000..5_003]);
        var draft = new NGramDraft(3, 1);
        int[] all = [.. tokens];
        draft.Follow(all);
        Assert.True(!draft.TryFind(all, out int next) || all[(next - 3)..next].SequenceEqual(all[^3..]));
    }
}
