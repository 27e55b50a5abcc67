using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Managed.Kernels;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed;

public sealed class ModelConfigReaderTests
{
    private static readonly string[] RequiredKeys =
    [
        "general.architecture", "smollm3.block_count", "smollm3.context_length", "smollm3.embedding_length",
        "smollm3.feed_forward_length", "smollm3.attention.head_count", "smollm3.rope.freq_base",
        "smollm3.attention.layer_norm_rms_epsilon",
    ];

    public static TheoryData<string> Required => [.. RequiredKeys];

    [Fact]
    public void Sizes_come_from_the_metadata()
    {
        ModelConfig config = ModelConfigReader.Read(TestModels.Small);
        Assert.Equal(
            (5, 256, 256, 8, 2, 32, 512),
            (config.Layers, config.Width, config.FeedForwardWidth, config.Heads, config.KvHeads, config.HeadDimension,
                config.Vocabulary));
        Assert.Equal((4, 256, 64), (config.Group, config.QueryWidth, config.KvWidth));
        Assert.Equal((5e6, 32, 65_536), (config.RopeBase, config.RopeDimensions, config.ContextLength));
        Assert.Null(config.Scaling);
    }

    [Theory]
    [MemberData(nameof(Required))]
    public void A_missing_key_is_named(string key)
    {
        using GgufFile file = TestModels.Change(TestModels.Small, (name, value) => name == key ? null : value);
        GgufFormatException error = Assert.Throws<GgufFormatException>(() => ModelConfigReader.Read(file));
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("smollm3.attention.head_count_kv", 3)]
    [InlineData("smollm3.rope.dimension_count", 34)]
    [InlineData("smollm3.rope.dimension_count", 31)]
    [InlineData("smollm3.embedding_length", 0)]
    [InlineData("smollm3.block_count", -1)]
    [InlineData("smollm3.rope.freq_base", 0)]
    public void Senseless_numbers_are_refused(string key, int number)
    {
        using GgufFile file = Set(key, number);
        Assert.Throws<GgufFormatException>(() => ModelConfigReader.Read(file));
    }

    [Fact]
    public void Another_architecture_is_named()
    {
        using GgufFile file = Set("general.architecture", "llama");
        UnsupportedModelException error = Assert.Throws<UnsupportedModelException>(() => ModelConfigReader.Read(file));
        Assert.Contains("'llama'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_may_be_wider_or_narrower_than_its_share_of_the_width()
    {
        using GgufFile file = Set("smollm3.attention.key_length", 64);
        Assert.Equal(512, ModelConfigReader.Read(file).QueryWidth);
    }

    [Fact]
    public void Without_kv_heads_every_head_has_its_own()
    {
        using GgufFile file = Set("smollm3.attention.head_count_kv", null);
        Assert.Equal(8, ModelConfigReader.Read(file).KvHeads);
    }

    [Theory]
    [InlineData("yarn", true)]
    [InlineData("linear", false)]
    public void Scaling_comes_from_the_metadata(string type, bool yarn)
    {
        using GgufFile file = TestModels.Change(TestModels.Small, more: writer => writer
            .Set("smollm3.rope.scaling.type", type)
            .Set("smollm3.rope.scaling.factor", 4f)
            .Set("smollm3.rope.scaling.original_context_length", 1000u)
            .Set("smollm3.rope.scaling.yarn_beta_fast", 16f));
        ModelConfig config = ModelConfigReader.Read(file);
        Assert.Equal(new RopeScaling(4, yarn, 1000, BetaFast: 16), config.Scaling);
        Assert.Equal(4000, config.TrainedContextLength);
        Assert.Equal(1000, ModelConfigReader.Read(file, yarnFactor: 1).TrainedContextLength);
    }

    [Theory]
    [InlineData("linear", 0f)]
    [InlineData("none", 4f)]
    [InlineData("yarn", 1f)]
    public void Without_stretching_only_the_attention_factor_counts(string type, float factor)
    {
        using GgufFile file = TestModels.Change(TestModels.Small, more: writer => writer
            .Set("smollm3.rope.scaling.type", type)
            .Set("smollm3.rope.scaling.factor", factor)
            .Set("smollm3.rope.scaling.original_context_length", 1000u)
            .Set("smollm3.rope.scaling.attn_factor", 1.5f));
        ModelConfig config = ModelConfigReader.Read(file);
        Assert.Equal(new RopeScaling(1, IsYarn: false, 65_536, AttentionFactor: 1.5f), config.Scaling);
        Assert.Equal(65_536, config.TrainedContextLength);
    }

    [Fact]
    public void The_old_key_of_linear_scaling_is_read_where_the_new_one_is_missing()
    {
        using GgufFile old = Set("smollm3.rope.scale_linear", 4f);
        Assert.Equal(new RopeScaling(4, IsYarn: false, 65_536), ModelConfigReader.Read(old).Scaling);
        using GgufFile both = TestModels.Change(TestModels.Small, more: writer => writer
            .Set("smollm3.rope.scale_linear", 4f).Set("smollm3.rope.scaling.factor", 2f));
        Assert.Equal(2, ModelConfigReader.Read(both).Scaling!.Factor);
    }

    [Fact]
    public void Scaling_that_is_not_known_is_refused()
    {
        using GgufFile file = TestModels.Change(TestModels.Small, more: writer => writer
            .Set("smollm3.rope.scaling.type", "longrope").Set("smollm3.rope.scaling.factor", 4f));
        Assert.Throws<UnsupportedModelException>(() => ModelConfigReader.Read(file));
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        using GgufFile file = TestModels.Change(
            TestModels.Small, shape: tensor => tensor.Name == "blk.2.ffn_up.weight" ? null : tensor.Dimensions);
        GgufFormatException error = Assert.Throws<GgufFormatException>(() => LoadWeights(file));
        Assert.Contains("blk.2.ffn_up.weight", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named_with_both_shapes()
    {
        using GgufFile file = TestModels.Change(
            TestModels.Small, shape: tensor => tensor.Name == "blk.1.attn_k.weight" ? [256, 128] : tensor.Dimensions);
        GgufFormatException error = Assert.Throws<GgufFormatException>(() => LoadWeights(file));
        Assert.Contains("blk.1.attn_k.weight Q8_0 [256, 128]", error.Message, StringComparison.Ordinal);
        Assert.Contains("64 rows of 256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bias_is_refused_as_it_would_be_left_out()
    {
        using GgufFile file = TestModels.Change(TestModels.Small, more: writer => writer.AddTensor(
            "blk.0.attn_q.bias", GgufTensorType.F32, [256], stream => stream.Write(new byte[1024])));
        UnsupportedModelException error = Assert.Throws<UnsupportedModelException>(() => LoadWeights(file));
        Assert.Contains("blk.0.attn_q.bias", error.Message, StringComparison.Ordinal);
    }

    private static void LoadWeights(GgufFile file) =>
        new ModelWeights(file, ModelConfigReader.Read(file), KernelSet.Default).Dispose();

    private static GgufFile Set(string key, object? value) => TestModels.Change(
        TestModels.Small,
        (name, old) => name == key ? null : old,
        more: writer => _ = value is null ? writer : writer.Set(key, value));
}
