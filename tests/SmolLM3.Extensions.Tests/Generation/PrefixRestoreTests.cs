using SmolLM3.Extensions.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>Keys and values that come from outside, beside requests.</summary>
public sealed class PrefixRestoreTests
{
    private static readonly int[] _prompt = [.. Enumerable.Range(1, 20)];

    [Fact]
    public void A_restored_prefix_is_found_and_answers_as_if_it_had_been_computed()
    {
        var harness = new LoopHarness();
        LoopWork<bool> restore = Restore(harness, _prompt);
        harness.Run();
        Assert.True(HasRoom(restore));
        Answer answer = harness.Submit(LoopHarness.Request([.. _prompt, 30]));
        harness.Run();

        Assert.Equal(20, answer.Tokens[0].CachedPromptTokens);
        Assert.Equal(Reference.Generate(answer.Request, 64), answer.Ids);
    }

    [Fact]
    public void A_state_is_that_of_the_prompt_alone()
    {
        var harness = new LoopHarness();
        MemoryStream state = Save(harness, _prompt);
        Assert.Equal([20, .. _prompt], Numbers(state));
    }

    [Fact]
    public void Those_who_run_are_not_disturbed()
    {
        var harness = new LoopHarness();
        Answer[] running = [.. Enumerable.Range(1, 3).Select(
            i => harness.Submit(LoopHarness.Request([i, i], maxTokens: 20)))];
        harness.Step();
        MemoryStream state = Save(harness, _prompt, run: false);
        LoopWork<bool> restore = Restore(harness, [.. _prompt, 3]);
        harness.Run();

        Assert.True(HasRoom(restore));
        Assert.Equal([20, .. _prompt], Numbers(state));
        Assert.All(running, answer => Assert.Equal(Reference.Generate(answer.Request, 64), answer.Ids));
    }

    [Fact]
    public void What_is_known_is_not_stored_twice()
    {
        var harness = new LoopHarness();
        Restore(harness, _prompt);
        harness.Run();
        int free = harness.Engine.FreeTokens;
        LoopWork<bool> again = Restore(harness, _prompt[..15]);
        harness.Run();

        Assert.True(HasRoom(again));
        Assert.Equal(free, harness.Engine.FreeTokens);
    }

    [Fact]
    public void The_least_recently_used_prefix_makes_place_and_a_restored_one_counts_as_just_used()
    {
        var harness = new LoopHarness(sequences: 2);
        Restore(harness, [1, 1, 1, 1]);
        Restore(harness, [2, 2, 2, 2]);
        Restore(harness, [1, 1, 1, 1]);
        Restore(harness, [3, 3, 3, 3]);
        harness.Run();

        Assert.Equal(4, Cached([1, 1, 1, 1, 0]));
        Assert.Equal(0, Cached([2, 2, 2, 2, 0]));

        int Cached(int[] prompt)
        {
            Answer answer = harness.Submit(LoopHarness.Request(prompt, maxTokens: 1));
            harness.Run();
            return answer.Tokens[0].CachedPromptTokens;
        }
    }

    [Fact]
    public void Room_is_made_of_leftovers()
    {
        var harness = new LoopHarness(capacity: 24);
        harness.Submit(LoopHarness.Request([5, 6, 7, 8, 9, 10], maxTokens: 4));
        harness.Run();
        Assert.True(harness.Engine.FreeTokens < 20);
        LoopWork<bool> restore = Restore(harness, _prompt);
        harness.Run();
        Assert.True(HasRoom(restore));
    }

    [Theory]
    [InlineData(1, 256)]
    [InlineData(4, 20)]
    public void Without_a_slot_or_room_the_answer_is_no_and_those_who_run_go_on(int sequences, int capacity)
    {
        var harness = new LoopHarness(sequences: sequences, capacity: capacity);
        Answer running = harness.Submit(LoopHarness.Request([1, 2, 3], maxTokens: 10));
        harness.Step();
        LoopWork<bool> restore = Restore(harness, _prompt);
        harness.Run();

        Assert.False(HasRoom(restore));
        Assert.Equal(Reference.Generate(running.Request, Math.Min(64, capacity)), running.Ids);
    }

    [Fact]
    public void A_state_of_another_length_is_refused_and_forgotten()
    {
        var harness = new LoopHarness();
        LoopWork<bool> restore = Work(_prompt, Save(new LoopHarness(), _prompt[..19]));
        harness.Loop.Submit(restore);
        harness.Run();

        Assert.IsType<InvalidDataException>(restore.Ended.Exception?.InnerException);
        Assert.Equal(256, harness.Engine.FreeTokens);
    }

    [Fact]
    public void One_a_step_so_that_answers_go_on_between_them()
    {
        var harness = new LoopHarness();
        Answer running = harness.Submit(LoopHarness.Request([1, 2, 3], maxTokens: 20));
        LoopWork<bool>[] restores = [.. Enumerable.Range(4, 3).Select(i => Restore(harness, [i, i, i]))];
        for (int i = 0; i < restores.Length; i++)
        {
            Assert.Equal(i, running.Tokens.Count);
            Assert.Equal(i, restores.Count(restore => restore.Ended.IsCompleted));
            harness.Step();
        }
    }

    [Fact]
    public void A_cancelled_one_restores_nothing()
    {
        var harness = new LoopHarness();
        LoopWork<bool> restore = Work(_prompt, Save(new LoopHarness(), _prompt), new(canceled: true));
        harness.Loop.Submit(restore);
        harness.Run();
        Assert.True(restore.Ended.IsCanceled);
        Assert.Equal(256, harness.Engine.FreeTokens);
    }

    [Fact]
    public void A_closed_loop_ends_those_who_wait_and_takes_no_more()
    {
        var harness = new LoopHarness();
        LoopWork<bool> restore = Restore(harness, _prompt);
        harness.Loop.Close();
        Assert.IsType<ObjectDisposedException>(restore.Ended.Exception?.InnerException);
        Assert.Throws<ObjectDisposedException>(() => Restore(harness, _prompt));
    }

    [Fact]
    public void When_saving_fails_only_that_request_does()
    {
        var harness = new LoopHarness();
        harness.Engine.OnSave = () => throw new IOException("broken");
        Answer beside = harness.Submit(LoopHarness.Request([1, 2]));
        Answer saving = Submit(harness, _prompt, new MemoryStream());
        harness.Run();
        Assert.IsType<IOException>(saving.Error);
        Assert.Equal(Reference.Generate(beside.Request, 64), beside.Ids);
    }

    private static bool? HasRoom(LoopWork<bool> restore) =>
        restore.Ended.IsCompletedSuccessfully ? restore.Ended.Result : null;

    private static LoopWork<bool> Work(int[] tokens, Stream state, CancellationToken cancellationToken = default) =>
        new((_, prefixes) => prefixes.TryRestore([.. tokens], AdapterSet.None, state), cancellationToken);

    private static LoopWork<bool> Restore(LoopHarness harness, int[] tokens)
    {
        LoopWork<bool> restore = Work(tokens, Save(new LoopHarness(), tokens));
        harness.Loop.Submit(restore);
        return restore;
    }

    private static MemoryStream Save(LoopHarness harness, int[] tokens, bool run = true)
    {
        MemoryStream state = new();
        Submit(harness, tokens, state);
        if (run)
        {
            harness.Run();
        }

        state.Position = 0;
        return state;
    }

    private static Answer Submit(LoopHarness harness, int[] tokens, Stream state)
    {
        Answer answer = new(LoopHarness.Request(tokens, maxTokens: 3), state);
        harness.Loop.Submit(answer.Request, 1, answer.Stream);
        return answer;
    }

    private static IEnumerable<int> Numbers(MemoryStream state) =>
        state.ToArray().Chunk(sizeof(int)).Select(bytes => BitConverter.ToInt32(bytes));
}
