using SmolLM3.Extensions.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>What happens when keys and values have little room.</summary>
public sealed class GenerationRoomTests
{
    private static readonly int[] s_prompt = [.. Enumerable.Range(1, 20)];

    [Theory]
    [InlineData(40, 20, 192)]
    [InlineData(80, 20, 256)]
    [InlineData(90, 4, 320)]
    [InlineData(90, 30, 1024)]
    public void Little_is_computed_in_vain_when_more_may_run_than_have_room(int prompt, int answer, int capacity)
    {
        var harness = new LoopHarness(
            new FakeEngine(new(128, 32, 64, capacity)),
            new() { DraftsFromPrompt = false, MaxCachedTokens = 0, MaxMixedRows = 64, MaxRunning = 16 });
        Answer[] answers = [.. Enumerable.Range(0, 80).Select(k => harness.Submit(LoopHarness.Request(
            [k / 28, k % 28, .. Enumerable.Range(2, prompt - 2).Select(p => ((k * 7) + (p * p)) % 29)], answer, k)))];
        harness.Run();

        Assert.All(answers, each => Assert.Equal(Reference.Generate(each.Request, 128), each.Ids));
        Assert.InRange(harness.Engine.Rows, 0, 1.05 * answers.Length * (prompt + answer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_small_newcomer_starts_beside_one_who_finds_no_room(bool cancelsParked)
    {
        var harness = new LoopHarness(
            new FakeEngine(new(400, 4, 16, 400)), new() { DraftsFromPrompt = false, MaxMixedRows = 16 });
        Answer a = harness.Submit(LoopHarness.Request(Enumerable.Repeat(1, 60), maxTokens: 300, seed: 1));
        Answer b = harness.Submit(LoopHarness.Request(Enumerable.Repeat(2, 60), maxTokens: 300, seed: 2));
        int free;
        do
        {
            free = harness.Engine.FreeTokens;
            harness.Step();
        }
        while (harness.Engine.FreeTokens <= free);

        // Now the second is parked.
        Assert.False(a.IsOver);
        if (cancelsParked)
        {
            b.Cancel();
        }

        Answer c = harness.Submit(LoopHarness.Request([3, 4], maxTokens: 2, seed: 3));
        for (int i = 0; i < 3; i++)
        {
            harness.Step();
        }

        Assert.False(a.IsOver);
        Assert.NotEmpty(c.Tokens);
    }

    [Fact]
    public void A_common_beginning_is_shared_where_leftovers_have_to_go_for_it()
    {
        var harness = new LoopHarness(
            new FakeEngine(new(64, 4, 16, 48)), new() { DraftsFromPrompt = false, MaxMixedRows = 16 });
        harness.Submit(LoopHarness.Request(Enumerable.Repeat(9, 16), maxTokens: 1));
        harness.Run();
        int[] head = [.. Enumerable.Range(1, 30).Select(i => i % 29)];
        Answer first = harness.Submit(LoopHarness.Request(head, maxTokens: 10));
        while (first.Tokens.Count == 0)
        {
            harness.Step();
        }

        Answer second = harness.Submit(LoopHarness.Request([.. head[..22], 30], maxTokens: 1));
        while (second.Tokens.Count == 0)
        {
            harness.Step();
        }

        Assert.InRange(second.Tokens[0].CachedPromptTokens, 20, 22);
    }

    [Fact]
    public async Task What_is_restored_keeps_to_the_limit_of_what_is_kept()
    {
        var harness = new LoopHarness(new FakeEngine(new(64, 8, 16, 256)), new() { MaxCachedTokens = 30 });
        for (int i = 0; i < 5; i++)
        {
            LoopWork<bool> restore = Restore(harness, [i, .. s_prompt]);
            harness.Run();
            Assert.True(await restore.Ended);
        }

        Assert.InRange(256 - harness.Engine.FreeTokens, 1, 32);
        LoopWork<bool> tooLong = Restore(harness, [.. s_prompt, .. s_prompt]);
        harness.Run();
        Assert.False(await tooLong.Ended);
    }

    [Fact]
    public async Task A_restore_that_finds_no_room_leaves_what_is_kept()
    {
        var harness = new LoopHarness(new FakeEngine(new(64, 4, 16, 64)), new() { DraftsFromPrompt = false });
        int[] known = [9, 8, 7, 6, 5, 4, 3, 2];
        harness.Submit(LoopHarness.Request(known, maxTokens: 1));
        harness.Run();
        harness.Submit(LoopHarness.Request(Enumerable.Repeat(1, 40), maxTokens: 12));
        for (int i = 0; i < 6; i++)
        {
            harness.Step();
        }

        LoopWork<bool> restore = Restore(harness, [.. Enumerable.Range(1, 30)]);
        harness.Step();
        Assert.False(await restore.Ended);
        Answer again = harness.Submit(LoopHarness.Request(known, maxTokens: 1));
        while (again.Tokens.Count == 0)
        {
            harness.Step();
        }

        Assert.Equal(7, again.Tokens[0].CachedPromptTokens);
    }

    [Fact]
    public async Task A_step_may_take_for_ever()
    {
        await using var generator = new LocalGenerator(
            new FakeEngine(new EngineLimits(64, 4, 16, 256)), options: new() { TargetStepTime = TimeSpan.MaxValue });
        Assert.Equal(8, (await generator.GenerateAsync(LoopHarness.Request([1, 2])).ToListAsync()).Count);
    }

    private static LoopWork<bool> Restore(LoopHarness harness, int[] tokens)
    {
        LoopHarness other = new();
        MemoryStream state = new();
        Answer answer = new(LoopHarness.Request(tokens, maxTokens: 3), state);
        other.Loop.Submit(answer.Request, 1, answer.Stream);
        other.Run();
        state.Position = 0;
        LoopWork<bool> restore = new(
            (_, prefixes) => prefixes.TryRestore([.. tokens], AdapterSet.None, state), CancellationToken.None);
        harness.Loop.Submit(restore);
        return restore;
    }
}
