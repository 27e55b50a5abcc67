using CsCheck;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed;

/// <summary>Whatever sizes the metadata claims, the answer is an engine or one of two exceptions, at once.</summary>
public sealed class CraftedSizesTests
{
    private static readonly string[] s_keys =
    [
        "block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count",
        "attention.head_count_kv", "attention.key_length", "attention.value_length", "rope.dimension_count",
        "rope.freq_base", "rope.scaling.factor", "rope.scaling.original_context_length",
        "attention.layer_norm_rms_epsilon",
    ];

    private static readonly object[] s_values =
    [
        0, -1, 1, 2, 3, 4, 32, 64, 4096, 24_929, 172_288, 1 << 18, 1 << 20, int.MaxValue, int.MinValue, uint.MaxValue,
        1L << 32, long.MaxValue, long.MinValue, ulong.MaxValue, 0f, -1f, 1e-30f, 1e30f, float.NaN, float.PositiveInfinity,
    ];

    private static GgufFile Tiny { get; } = TestModels.Get("crafted", new SyntheticModelOptions
    {
        HiddenSize = 64, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1, FeedForwardSize = 64,
        TensorType = GgufTensorType.Q8_0,
    });

    [Fact]
    public void Any_sizes_give_an_engine_or_a_typed_exception() =>
        Gen.Select(Gen.Int[0, s_keys.Length - 1], Gen.Int[0, s_values.Length - 1]).Array[1, 4].Sample(
            changes => LoadsOrRefuses(changes.ToLookup(
                change => "smollm3." + s_keys[change.Item1], change => s_values[change.Item2])),
            iter: 200);

    [Theory]
    [InlineData(172_288, 172_288, 24_929, 2)]
    [InlineData(1 << 18, 1 << 18, 4, 4096)]
    [InlineData(1 << 20, 1 << 20, 1, 4096)]
    [InlineData(2, 1, 32, 4096)]
    [InlineData(2, 1, int.MaxValue, 2)]
    public void Products_that_would_overflow_are_refused(int heads, int kvHeads, int length, int layers)
    {
        ILookup<string, object> changes = new (string Key, object Value)[]
        {
            ("smollm3.attention.head_count", heads), ("smollm3.attention.head_count_kv", kvHeads),
            ("smollm3.attention.key_length", length), ("smollm3.attention.value_length", length),
            ("smollm3.rope.dimension_count", 2), ("smollm3.block_count", layers),
        }.ToLookup(change => change.Key, change => change.Value);

        using GgufFile file = Change(changes);
        Assert.Throws<GgufFormatException>(() => EngineRuns.Create(file));
    }

    private static bool LoadsOrRefuses(ILookup<string, object> changes)
    {
        using GgufFile file = Change(changes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using ManagedEngine engine = EngineRuns.Create(file);
            engine.Append(0, 1, 2, 3);
            return true;
        }
        catch (Exception error) when (error is GgufFormatException or UnsupportedModelException)
        {
            return GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20;
        }
    }

    private static GgufFile Change(ILookup<string, object> changes) => TestModels.Change(
        Tiny,
        (key, value) => changes.Contains(key) ? null : value,
        more: writer =>
        {
            foreach (IGrouping<string, object> change in changes)
            {
                writer.Set(change.Key, change.Last());
            }
        });
}
