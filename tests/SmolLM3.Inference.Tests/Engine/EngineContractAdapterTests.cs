using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Tests.Managed;
using SmolLM3.Inference.Tests.Managed.Adapters;

namespace SmolLM3.Inference.Tests.Engine;

/// <summary>What every engine does with LoRA adapters.</summary>
public abstract class EngineContractAdapterTests : EngineContractStateTests
{
    private static readonly GgufFile s_first = TestAdapters.Make(TestModels.Small, rank: 8, seed: 1);
    private static readonly GgufFile s_second = TestAdapters.Make(TestModels.Small, rank: 3, seed: 2, alpha: 0);

    [Fact]
    public void Adapters_add_what_they_add_in_the_managed_engine_alone_scaled_and_together()
    {
        using IInferenceEngine engine = Create();
        using ManagedEngine reference = new(TestModels.Small, new EngineOptions { ContextLength = 64, Threads = 1 });
        (int first, int second) = (engine.LoadAdapter(s_first), engine.LoadAdapter(s_second));
        (int r1, int r2) = (reference.LoadAdapter(s_first), reference.LoadAdapter(s_second));
        float[] plain = Append(engine, 0, Tokens[..12])[^1];
        foreach ((float one, float two) in new[] { (1f, 0f), (0f, 1f), (0.5f, 0f), (-1f, 2f) })
        {
            Set(engine, 1, new(new(first, one), new AdapterUse(second, two)));
            Set(reference, 1, new(new(r1, one), new AdapterUse(r2, two)));
            float[] expected = Append(reference, 1, Tokens[..12])[^1], actual = Append(engine, 1, Tokens[..12])[^1];
            Assert.InRange(Distance(expected, actual), 0, 2 * Tolerance);
            Assert.True(Distance(plain, actual) > 4 * Tolerance, "The adapter makes no difference.");
        }

        Set(engine, 1, AdapterSet.None);
        AssertSame(engine, plain, Append(engine, 1, Tokens[..12])[^1]);
    }

    [Fact]
    public void Sequences_of_different_adapters_run_side_by_side()
    {
        using IInferenceEngine engine = Create();
        int adapter = engine.LoadAdapter(s_first);
        engine.SetAdapters(1, new(new AdapterUse(adapter, 1)));
        float[] plain = Append(engine, 2, Tokens[..12])[^1];
        Append(engine, 1, Tokens[..11]);
        Append(engine, 0, Tokens[..11]);
        float[] adapted = Append(engine, 1, Tokens[11..12])[^1];
        AssertSame(engine, plain, Append(engine, 0, Tokens[11..12])[^1]);
        Assert.True(Distance(plain, adapted) > 4 * Tolerance);

        Batch mixed = new(2);
        mixed.Add(0, 12, 1, logits: true);
        mixed.Add(1, 12, 1, logits: true);
        if (engine.Info.MixesAdapters)
        {
            Assert.Equal(ForwardStatus.Completed, engine.Forward(mixed));
        }
        else
        {
            Assert.Throws<ArgumentException>(() => engine.Forward(mixed));
            Assert.Equal(12, engine.GetLength(0));
        }
    }

    [Fact]
    public void Prefixes_are_shared_between_equal_sets_only()
    {
        using IInferenceEngine engine = Create();
        AdapterSet set = new(new AdapterUse(engine.LoadAdapter(s_first), 1));
        engine.SetAdapters(0, set);
        Append(engine, 0, Tokens[..12]);
        Assert.Throws<ArgumentException>(() => engine.CopyPrefix(0, 1, 5));
        engine.SetAdapters(1, set);
        Assert.True(engine.CopyPrefix(0, 1, 11));
        float[] expected = Append(engine, 0, Tokens[12..13])[^1];
        AssertSame(engine, expected, Append(engine, 1, Tokens[11..13])[^1]);
        Assert.Throws<ArgumentException>(() => engine.SetAdapters(0, AdapterSet.None));
        Assert.Equal(set, engine.GetAdapters(0));
    }

    [Fact]
    public void An_adapter_goes_when_nobody_uses_it_and_is_unknown_then()
    {
        using IInferenceEngine engine = Create();
        int adapter = engine.LoadAdapter(s_first);
        AdapterSet set = new(new AdapterUse(adapter, 1));
        engine.SetAdapters(0, set);
        Append(engine, 0, Tokens[..3]);
        Assert.Throws<InvalidOperationException>(() => engine.UnloadAdapter(adapter));
        engine.Truncate(0, 0);
        engine.UnloadAdapter(adapter);
        Assert.Equal(AdapterSet.None, engine.GetAdapters(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.UnloadAdapter(adapter));
        Assert.Throws<ArgumentException>(() => engine.SetAdapters(0, set));
        Append(engine, 0, Tokens[..3]);
        for (int i = 0; i < 20; i++)
        {
            engine.UnloadAdapter(engine.LoadAdapter(s_second));
        }
    }

    [Fact]
    public void A_file_that_is_no_adapter_of_this_model_is_refused()
    {
        using IInferenceEngine engine = Create();
        Assert.Throws<GgufFormatException>(() => engine.LoadAdapter(TestModels.Small));
        GgufFile other = TestModels.Get("wider", new() { TensorType = GgufTensorType.Q8_0, FeedForwardSize = 512 });
        Assert.Throws<GgufFormatException>(() => engine.LoadAdapter(TestAdapters.Make(other)));
        Append(engine, 0, Tokens[..3]);
    }

    private static void Set(IInferenceEngine engine, int sequence, AdapterSet adapters)
    {
        engine.Truncate(sequence, 0);
        engine.SetAdapters(sequence, adapters);
    }
}
