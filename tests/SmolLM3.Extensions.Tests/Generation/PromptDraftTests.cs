using System.Runtime.InteropServices;
using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>Guesses from what came before.</summary>
public sealed class PromptDraftTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3, 4, 5, 6, 1, 2, 3 }, 3, new[] { 4, 5, 6 })]
    [InlineData(new[] { 1, 2, 3, 4, 5, 6, 1, 2, 3 }, 2, new[] { 4, 5 })]
    [InlineData(new[] { 1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3 }, 3, new[] { 5, 1, 2 })] // the last time counts
    [InlineData(new[] { 1, 2, 3, 1, 2, 3 }, 3, new[] { 1, 2, 3 })]
    [InlineData(new[] { 7, 7, 7, 7 }, 3, new[] { 7 })] // no more than is known
    [InlineData(new[] { 1, 2, 3, 4, 5, 9, 2, 3 }, 3, new[] { 4, 5 })] // two agree
    [InlineData(new[] { 1, 2, 3, 4, 5, 9, 3 }, 3, new[] { 4 })] // one does
    [InlineData(new[] { 1, 2, 3, 4, 5, 9 }, 3, new int[0])]
    [InlineData(new[] { 1, 2, 3 }, 3, new int[0])]
    [InlineData(new[] { 1 }, 3, new int[0])]
    public void What_followed_is_guessed(int[] tokens, int most, int[] guessed) =>
        Assert.Equal(guessed, new PromptDraft([.. tokens], 100).Guess(most).ToArray());

    [Fact]
    public void Guesses_follow_the_tokens_as_they_come()
    {
        List<int> tokens = [1, 2, 3, 4, 5];
        var draft = new PromptDraft(tokens, 100);
        Assert.Empty(draft.Guess(3).ToArray());

        tokens.AddRange([8, 1, 2, 3]);
        Assert.Equal([4, 5, 8], draft.Guess(3).ToArray());
        tokens.AddRange([4, 5]);
        Assert.Equal([8, 1, 2], draft.Guess(3).ToArray());
    }

    [Fact]
    public void Who_guesses_wrong_pauses_and_longer_each_time()
    {
        List<int> tokens = [1, 2, 3, 4, 1, 2, 3];
        var draft = new NGramDraft(3, 10_000);
        int[] pauses = [Pause(), Pause(), Pause()];

        Assert.InRange(pauses[0], 32, 64);
        Assert.True(pauses[0] < pauses[1] && pauses[1] < pauses[2]);

        for (int i = 0; i < 10; i++)
        {
            draft.Learn(guessed: 3, accepted: 3, tokens.Count);
        }

        Assert.Equal(pauses[0], Pause());

        int Pause()
        {
            while (Guess() > 0)
            {
                draft.Learn(guessed: 3, accepted: 0, tokens.Count);
            }

            int count = tokens.Count;
            do
            {
                tokens.AddRange([4, 1, 2, 3]);
            }
            while (Guess() == 0);

            return tokens.Count - count;
        }

        int Guess()
        {
            draft.Index(CollectionsMarshal.AsSpan(tokens));
            return draft.Guess(CollectionsMarshal.AsSpan(tokens)).Length;
        }
    }

    [Fact]
    public void A_table_that_is_too_small_finds_less_and_nothing_wrong()
    {
        var random = new Random(1);
        List<int> tokens = [.. Enumerable.Range(0, 20_000).Select(_ => random.Next(1000))];
        tokens.AddRange(tokens[5_000..5_003]);
        var draft = new NGramDraft(3, 1);
        draft.Index(CollectionsMarshal.AsSpan(tokens));
        int[] guess = draft.Guess(CollectionsMarshal.AsSpan(tokens)).ToArray();

        Assert.True(guess.Length == 0 || guess.SequenceEqual(tokens[5_003..5_006]));
    }
}
