using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tests.Managed;
using SmolLM3.Inference.Tests.Managed.Adapters;

namespace SmolLM3.Extensions.LLamaSharp.Tests;

/// <summary>Files for which llama.cpp would end the process are refused.</summary>
public sealed class LlamaFileCheckTests
{
    private static readonly EngineOptions s_options = new() { ContextLength = 64, MaxSequences = 2, Threads = 1 };

    public static TheoryData<string, object> Damages => new()
    {
        { "tokenizer.ggml.tokens", Enumerable.Range(0, 512).ToArray() },
        { "tokenizer.ggml.merges", Enumerable.Range(0, 512).ToArray() },
        { "tokenizer.ggml.token_type", new byte[512] },
        { "tokenizer.ggml.scores", new byte[512] },
        { "tokenizer.ggml.tokens", GgufStringArray.Create(Enumerable.Range(0, 512).Select(id => $"{id / 2}")) },
    };

    [Theory]
    [MemberData(nameof(Damages), DisableDiscoveryEnumeration = true)]
    public void A_damaged_vocabulary_is_refused(string key, object value)
    {
        GgufFile file = TestModels.Change(TestModels.Small, (_, kept) => kept, more: writer => writer.Set(key, value));
        Assert.Throws<GgufFormatException>(() => Llama.Create(file, s_options));
    }

    [Fact]
    public void Heads_that_are_rotated_in_part_are_refused()
    {
        GgufFile file = TestModels.Change(
            TestModels.Small, more: writer => writer.Set("smollm3.rope.dimension_count", 8u));
        Assert.Throws<UnsupportedModelException>(() => Llama.Create(file, s_options));
    }

    [Fact]
    public void An_adapter_whose_alpha_is_no_float_is_refused_and_the_engine_goes_on()
    {
        using LLamaSharpEngine engine = Llama.Create(TestModels.Small, s_options);
        GgufFile adapter = TestAdapters.Make(TestModels.Small);
        GgufFile damaged = TestModels.Change(
            adapter, (key, value) => key == "adapter.lora.alpha" ? 8u : value);
        GgufFormatException error = Assert.Throws<GgufFormatException>(() => engine.LoadAdapter(damaged));
        Assert.Contains("adapter.lora.alpha", error.Message, StringComparison.Ordinal);
        engine.LoadAdapter(adapter);
    }

    [Fact]
    public void Room_that_no_sequences_could_fill_is_not_taken()
    {
        using LLamaSharpEngine engine = Llama.Create(TestModels.Small, s_options with { CapacityTokens = int.MaxValue });
        Assert.InRange(engine.Limits.CapacityTokens, 128, 512);
    }
}
