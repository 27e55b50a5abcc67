using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Tests.Sampling;

public sealed class SamplingStateTests
{
    [Fact]
    public void The_repetition_penalty_counts_prompt_and_answer()
    {
        var state = new SamplingState(new SamplingOptions { RepetitionPenalty = 2 }, 1, [0, 1, 1], []);
        state.Accept(2);

        Assert.Equal([2, -8, 1, 8], Adjusted(state, [4, -4, 2, 8]));
    }

    [Fact]
    public void Frequency_and_presence_penalties_count_the_answer_only()
    {
        var options = new SamplingOptions { FrequencyPenalty = 0.5f, PresencePenalty = 0.25f };
        var state = new SamplingState(options, 1, [0, 0], []);
        state.Accept(1);
        state.Accept(1);
        state.Accept(2);

        Assert.Equal([4, 2.75f, 3.25f, 4], Adjusted(state, [4, 4, 4, 4]));
    }

    [Fact]
    public void Bias_comes_before_penalties_and_masks_after_them()
    {
        var options = new SamplingOptions
        {
            RepetitionPenalty = 2,
            LogitBias = new Dictionary<int, float> { [0] = 2, [2] = 5, [3] = float.NegativeInfinity },
        };
        var state = new SamplingState(options, 1, [0], [new BannedTokens([1]), new BannedTokens([2])]);

        Assert.Equal(
            [2, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, 9],
            Adjusted(state, [2, 1, 1, 1, 9]));
    }

    [Fact]
    public void The_first_constraint_that_forces_settles_it_and_all_hear_of_it()
    {
        var second = new ForcedTokens([5, 6]);
        var state = new SamplingState(new SamplingOptions(), 1, [0], [new ForcedTokens([4]), second]);

        Assert.True(state.TryForce(out int token));
        Assert.Equal(4, token);
        state.Accept(4);
        Assert.True(state.TryForce(out token));
        Assert.Equal(5, token);
        state.Accept(5);
        Assert.True(state.TryForce(out token));
        Assert.Equal(6, token);
        state.Accept(6);
        Assert.False(state.TryForce(out _));
    }

    [Fact]
    public void Random_numbers_are_a_function_of_seed_and_place()
    {
        SamplingState a = new(new SamplingOptions(), 9, [0], []), b = new(new SamplingOptions(), 9, [1, 2, 3], []);
        HashSet<ulong> seen = [];
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(a.Random, a.Random);
            Assert.Equal(a.Random, b.Random);
            Assert.True(seen.Add(a.Random));
            Assert.True(seen.Add(SamplingRandom.Next(10, i)));
            a.Accept(i);
            b.Accept(i);
        }
    }

    [Fact]
    public void No_seed_walks_along_anothers_sequence()
    {
        // By which the mixer's counter grows: were the seed added to it as it is, these two would be one place apart.
        const long Step = unchecked((long)0x9E3779B97F4A7C15ul);

        Assert.NotEqual(SamplingRandom.Next(7, 1), SamplingRandom.Next(unchecked(7 + Step), 0));
    }

    [Fact]
    public void Random_bits_are_even()
    {
        var ones = new int[64];
        for (int i = 0; i < 20_000; i++)
        {
            // Seeds and places side by side: the worst case of a counter.
            ulong bits = SamplingRandom.Next(i % 100, i / 100);
            for (int bit = 0; bit < 64; bit++)
            {
                ones[bit] += (int)(bits >> bit) & 1;
            }
        }

        Assert.All(ones, count => Assert.InRange(count, 10_000 - 350, 10_000 + 350));
    }

    private static float[] Adjusted(SamplingState state, float[] logits)
    {
        state.Adjust(logits);
        return logits;
    }
}
