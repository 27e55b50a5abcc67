using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Tests.Generation;

public sealed class GenerationPrefixTests
{
    private static readonly int[] _prompt = [.. Enumerable.Range(1, 20)];

    [Fact]
    public void A_prompt_seen_before_costs_one_row()
    {
        var harness = new LoopHarness();
        Answer first = harness.Submit(LoopHarness.Request(_prompt, maxTokens: 1));
        harness.Run();
        Answer second = harness.Submit(LoopHarness.Request(_prompt, maxTokens: 1));
        harness.Run();

        Assert.Equal(0, first.Tokens[0].CachedPromptTokens);
        Assert.Equal(19, second.Tokens[0].CachedPromptTokens);
        Assert.Equal(21, harness.Engine.Rows);
        Assert.Equal(first.Ids, second.Ids);
    }

    [Fact]
    public void The_next_turn_goes_on_from_the_last_answer()
    {
        var harness = new LoopHarness();
        Answer first = harness.Submit(LoopHarness.Request(_prompt, maxTokens: 8));
        harness.Run();
        Answer second = harness.Submit(LoopHarness.Request([.. _prompt, .. first.Ids, 30, 31]));
        harness.Run();

        // All but the answer's last token, which was never computed, and what is new.
        Assert.All(second.Tokens, token => Assert.Equal(27, token.CachedPromptTokens));
        Assert.Equal(Reference.Generate(second.Request, 64), second.Ids);
    }

    [Fact]
    public void A_running_request_shares_its_prompt()
    {
        var harness = new LoopHarness();
        Answer first = harness.Submit(LoopHarness.Request(_prompt, maxTokens: 20));
        harness.Step();
        harness.Step();
        Answer second = harness.Submit(LoopHarness.Request([.. _prompt[..10], 30]));
        harness.Run();

        Assert.Equal(10, second.Tokens[0].CachedPromptTokens);
        Assert.Equal(Reference.Generate(first.Request, 64), first.Ids);
        Assert.Equal(Reference.Generate(second.Request, 64), second.Ids);
    }

    [Fact]
    public void Requests_that_arrive_together_compute_their_common_head_once()
    {
        int[] head = [.. Enumerable.Range(0, 150).Select(i => i % 29)];
        var harness = new LoopHarness(context: 256, sequences: 8, rows: 16, capacity: 2048);
        Answer[] answers = [.. Enumerable.Range(0, 8).Select(
            i => harness.Submit(LoopHarness.Request([.. head, 20 + i], maxTokens: 1)))];
        harness.Run();

        Assert.Equal(head.Length + answers.Length, harness.Engine.Rows);
        Assert.All(answers[1..], answer => Assert.Equal(head.Length, answer.Tokens[0].CachedPromptTokens));
        Assert.All(answers, answer => Assert.Equal(Reference.Generate(answer.Request, 256), answer.Ids));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(30, 0, 20)]
    [InlineData(1000, 20, 20)]
    public void No_more_is_kept_than_may_be_and_the_oldest_goes_first(int most, int oldest, int youngest)
    {
        var harness = new LoopHarness(new FakeEngine(new(64, 4, 16, 256)), new() { MaxCachedTokens = most });
        foreach (int start in (int[])[1, 5])
        {
            harness.Submit(LoopHarness.Request([start, .. _prompt], maxTokens: 1));
            harness.Run();
        }

        Assert.Equal(youngest, Cached(5));
        Assert.Equal(oldest, Cached(1));

        int Cached(int start)
        {
            Answer answer = harness.Submit(LoopHarness.Request([start, .. _prompt], maxTokens: 1));
            harness.Run();
            return answer.Tokens[0].CachedPromptTokens;
        }
    }

    [Fact]
    public void A_prefix_stays_for_others_when_one_goes_another_way()
    {
        var harness = new LoopHarness();
        harness.Submit(LoopHarness.Request(_prompt, maxTokens: 1));
        harness.Run();
        Answer aside = harness.Submit(LoopHarness.Request([.. _prompt[..10], 30], maxTokens: 1));
        harness.Run();
        Answer again = harness.Submit(LoopHarness.Request(_prompt, maxTokens: 1));
        harness.Run();

        Assert.Equal(10, aside.Tokens[0].CachedPromptTokens);
        Assert.Equal(19, again.Tokens[0].CachedPromptTokens);
    }

    [Fact]
    public void The_least_recently_used_prefix_makes_place()
    {
        var harness = new LoopHarness(sequences: 2);
        Complete([1, 1, 1, 1]);
        Complete([2, 2, 2, 2]);
        Assert.Equal(3, Complete([1, 1, 1, 1]));
        Assert.Equal(0, Complete([3, 3, 3, 3]));

        Assert.Equal(0, Complete([2, 2, 2, 2]));
        Assert.Equal(3, Complete([3, 3, 3, 3]));

        int Complete(int[] prompt)
        {
            Answer answer = harness.Submit(LoopHarness.Request(prompt, maxTokens: 2));
            harness.Run();
            return answer.Tokens[0].CachedPromptTokens;
        }
    }

    [Fact]
    public void With_a_single_slot_the_prefix_itself_is_used_up()
    {
        var harness = new LoopHarness(sequences: 1);
        harness.Submit(LoopHarness.Request(_prompt));
        harness.Run();
        Answer second = harness.Submit(LoopHarness.Request([.. _prompt[..10], 30]));
        harness.Run();

        Assert.Equal(10, second.Tokens[0].CachedPromptTokens);
        Assert.Equal(Reference.Generate(second.Request, 64), second.Ids);
    }

    [Fact]
    public void Without_room_for_a_copy_the_prefix_itself_is_used_up()
    {
        var harness = new LoopHarness(capacity: 20);
        harness.Submit(LoopHarness.Request(_prompt[..18], maxTokens: 1));
        harness.Run();
        Answer second = harness.Submit(LoopHarness.Request([.. _prompt[..10], 30], maxTokens: 4));
        harness.Run();

        Assert.Equal(10, second.Tokens[0].CachedPromptTokens);
        Assert.Equal(Reference.Generate(second.Request, 20), second.Ids);
    }
}
