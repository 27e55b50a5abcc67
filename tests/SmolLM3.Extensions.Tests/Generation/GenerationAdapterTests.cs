using SmolLM3.Extensions.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>Requests with adapters in one loop.</summary>
public sealed class GenerationAdapterTests
{
    private static readonly int[] _prompt = [.. Enumerable.Range(1, 20)];
    private static readonly AdapterSet _first = new(new AdapterUse(0, 1));
    private static readonly AdapterSet _both = new(new AdapterUse(0, 1), new AdapterUse(1, 0.5f));

    [Fact]
    public void A_prompt_is_known_to_requests_of_the_same_adapters_only()
    {
        LoopHarness harness = Harness(sequences: 8);
        Assert.Equal(0, Complete(harness, _first));
        Assert.Equal(0, Complete(harness, AdapterSet.None));
        Assert.Equal(0, Complete(harness, _both));
        Assert.Equal(19, Complete(harness, _first));
        Assert.Equal(19, Complete(harness, new(new AdapterUse(0, 1), new AdapterUse(1, 0.5f))));
        Assert.Equal(0, Complete(harness, new(new AdapterUse(1, 0.5f), new AdapterUse(0, 1))));
        Assert.Equal(19, Complete(harness, AdapterSet.None));
    }

    [Fact]
    public void Who_begins_like_a_prompt_of_other_adapters_does_not_wait_for_it()
    {
        LoopHarness harness = Harness();
        Answer[] answers =
        [
            harness.Submit(LoopHarness.Request(_prompt, maxTokens: 1)),
            harness.Submit(LoopHarness.Request(_prompt, maxTokens: 1) with { Adapters = _first }),
            harness.Submit(LoopHarness.Request(_prompt, maxTokens: 1) with { Adapters = _first }),
        ];
        harness.Run();
        Assert.Equal([0, 0, 19], answers.Select(answer => answer.Tokens[0].CachedPromptTokens));
    }

    [Fact]
    public void With_a_single_slot_sets_follow_each_other()
    {
        LoopHarness harness = Harness(sequences: 1);
        foreach (AdapterSet set in new[] { _first, AdapterSet.None, _both, _first })
        {
            Assert.Equal(0, Complete(harness, set));
        }
    }

    [Fact]
    public void Unloading_drops_what_the_adapter_computed_and_leaves_the_rest()
    {
        LoopHarness harness = Harness();
        Complete(harness, _first);
        Complete(harness, _both);
        Complete(harness, AdapterSet.None);
        LoopWork<bool> unload = Unload(harness, adapter: 1);
        harness.Run();
        Assert.True(unload.Ended.IsCompletedSuccessfully);
        Assert.Equal(19, Complete(harness, _first));
        Assert.Equal(19, Complete(harness, AdapterSet.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => harness.Engine.UnloadAdapter(1));
    }

    [Fact]
    public void Who_left_before_the_unloading_was_asked_for_is_not_in_its_way()
    {
        LoopHarness harness = Harness();
        Answer leaving = harness.Submit(LoopHarness.Request(_prompt, maxTokens: 30) with { Adapters = _first });
        harness.Step();
        harness.Step();
        leaving.Stream.Abandon();
        LoopWork<bool> unload = Unload(harness, adapter: 0);
        harness.Step();
        Assert.True(unload.Ended.IsCompletedSuccessfully);
    }

    [Fact]
    public void An_adapter_in_use_is_not_unloaded_and_its_request_goes_on()
    {
        LoopHarness harness = Harness();
        Answer running = harness.Submit(LoopHarness.Request(_prompt, maxTokens: 30) with { Adapters = _first });
        harness.Step();
        LoopWork<bool> unload = Unload(harness, adapter: 0);
        harness.Run();
        Assert.IsType<InvalidOperationException>(unload.Ended.Exception?.InnerException);
        Assert.Equal(Reference.Generate(running.Request, 64), running.Ids);
    }

    [Fact]
    public void A_restored_prefix_belongs_to_the_adapters_it_is_restored_with()
    {
        LoopHarness harness = Harness();
        MemoryStream state = new();
        Answer saving = new(LoopHarness.Request(_prompt, maxTokens: 1) with { Adapters = _first }, state);
        harness.Loop.Submit(saving.Request, 1, saving.Stream);
        harness.Run();
        state.Position = 0;

        LoopHarness other = Harness();
        LoopWork<bool> restore = new((_, prefixes) => prefixes.TryRestore([.. _prompt], _first, state), default);
        other.Loop.Submit(restore);
        other.Run();
        Assert.True(restore.Ended is { IsCompletedSuccessfully: true });
        Assert.Equal(0, Complete(other, AdapterSet.None));
        Assert.Equal(19, Complete(other, _first));
    }

    [Fact]
    public void An_engine_that_does_not_mix_them_computes_one_set_a_step_and_nobody_starves()
    {
        LoopHarness harness = Harness(mixes: false);
        HashSet<AdapterSet> seen = [];
        harness.Engine.OnForward = batch => seen.Add(harness.Engine.GetAdapters(batch.Rows[0].Sequence));
        AdapterSet[] sets = [AdapterSet.None, _first, _both, _first];
        Answer[] answers = [.. sets.Select((set, i) => harness.Submit(
            LoopHarness.Request(Enumerable.Repeat(i + 1, 12), maxTokens: 20, seed: i) with { Adapters = set }))];
        int[] before = new int[answers.Length];
        for (int step = 0; !answers.All(answer => answer.IsOver); step++)
        {
            harness.Step();
            if (step >= 30 && step % 3 == 2)
            {
                // Three sets: three steps bring everybody at least one token.
                Assert.All(answers.Select((answer, i) => (answer, i)).Where(a => !a.answer.IsOver), a =>
                    Assert.True(a.answer.Tokens.Count > before[a.i]));
                before = [.. answers.Select(answer => answer.Tokens.Count)];
            }
        }

        Assert.Equal(3, seen.Count);
        Assert.All(answers, answer => Assert.Equal(Reference.Generate(answer.Request, 64), answer.Ids));
    }

    private static LoopHarness Harness(int sequences = 4, bool mixes = true)
    {
        FakeEngine engine = new(new EngineLimits(64, sequences, 16, 256));
        engine.Info = engine.Info with { MixesAdapters = mixes };
        Assert.Equal(0, engine.LoadAdapter(null!));
        Assert.Equal(1, engine.LoadAdapter(null!));
        return new LoopHarness(engine);
    }

    private static int Complete(LoopHarness harness, AdapterSet adapters)
    {
        Answer answer = harness.Submit(LoopHarness.Request(_prompt, maxTokens: 1) with { Adapters = adapters });
        harness.Run();
        Assert.Equal(Reference.Generate(answer.Request, 64), answer.Ids);
        return answer.Tokens[0].CachedPromptTokens;
    }

    private static LoopWork<bool> Unload(LoopHarness harness, int adapter)
    {
        LoopWork<bool> unload = new(
            (engine, prefixes) =>
            {
                prefixes.Evict(adapter);
                engine.UnloadAdapter(adapter);
                return true;
            },
            default);
        harness.Loop.Submit(unload);
        return unload;
    }
}
