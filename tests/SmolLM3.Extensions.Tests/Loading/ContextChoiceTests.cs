using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Tests.Loading;

public class ContextChoiceTests
{
    private const long KvBytes = 73_728;

    [Theory]
    [InlineData(65_536, 1L << 40, 32_768, "the default")]
    [InlineData(4_096, 1L << 40, 4_096, "the model's limit")]
    [InlineData(65_536, 2 * 10_000 * KvBytes, 10_000, "what half of the free memory holds")]
    [InlineData(65_536, 0, 1_024, "what half of the free memory holds")]
    [InlineData(65_536, -5, 1_024, "what half of the free memory holds")]
    [InlineData(512, 0, 512, "the model's limit")]
    public void The_default_is_the_least_of_three(int limit, long free, int length, string reason) =>
        Assert.Equal(new ContextChoice(length, reason), ContextChoice.Default(limit, KvBytes, free));

    [Fact]
    public void The_sizes_of_a_model_are_read_from_its_metadata()
    {
        Assert.Equal(new ModelSizes(65_536, KvBytes), ModelSizes.Read(SmolLM3(), null));
        Assert.Equal(131_072, ModelSizes.Read(SmolLM3(), 2).ContextLength);
        Assert.Equal(
            131_072,
            ModelSizes.Read(
                SmolLM3(
                    w => w.Set("smollm3.rope.scaling.factor", 2f).Set("smollm3.rope.scaling.original_context_length",
                    65_536)),
                null).ContextLength);
    }

    [Theory]
    [InlineData("smollm3.rope.scaling.factor", float.NaN)]
    [InlineData("smollm3.rope.scaling.factor", float.PositiveInfinity)]
    [InlineData("smollm3.rope.scaling.original_context_length", long.MaxValue)]
    [InlineData("smollm3.attention.key_length", long.MaxValue)]
    [InlineData("smollm3.attention.key_length", long.MinValue)]
    [InlineData("smollm3.block_count", -1)]
    public void Senseless_sizes_still_give_a_context(string key, object value)
    {
        ModelSizes sizes = ModelSizes.Read(SmolLM3(writer => writer.Set(key, value)), null);

        Assert.InRange(ContextChoice.Default(sizes.ContextLength, sizes.KvBytesPerToken, 1L << 40).Length, 1, 32_768);
    }

    [Fact]
    public void Free_memory_is_some_and_not_more_than_there_is() =>
        Assert.InRange(FreeMemory.Measure(), 1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    [Fact]
    public void The_collector_knows_that_some_is_taken() =>
        Assert.InRange(FreeMemory.ReadCollector(), 0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - 1);

    private static GgufMetadata SmolLM3(Action<GgufWriter>? more = null)
    {
        GgufWriter writer = new GgufWriter()
            .Set("general.architecture", "smollm3")
            .Set("smollm3.context_length", 65_536)
            .Set("smollm3.embedding_length", 2_048)
            .Set("smollm3.block_count", 36)
            .Set("smollm3.attention.head_count", 16)
            .Set("smollm3.attention.head_count_kv", 4);
        more?.Invoke(writer);
        using MemoryStream stream = new();
        writer.Write(stream);
        stream.Position = 0;
        using GgufFile file = GgufFile.Load(stream);
        return file.Metadata;
    }
}
