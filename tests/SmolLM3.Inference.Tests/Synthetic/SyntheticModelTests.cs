using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Quantization;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Synthetic;

public sealed class SyntheticModelTests
{
    [Fact]
    public void A_small_model_has_the_keys_and_tensors_of_SmolLM3()
    {
        using GgufFile file = Load(Small());
        GgufMetadata metadata = file.Metadata;

        Assert.Equal("smollm3", metadata.GetString("general.architecture"));
        Assert.Equal(2, metadata.GetInt32("smollm3.block_count"));
        Assert.Equal(64, metadata.GetInt32("smollm3.rope.dimension_count"));
        Assert.Equal(5e6, metadata.GetDouble("smollm3.rope.freq_base"));
        Assert.False(metadata.ContainsKey("smollm3.rope.scaling.type"));
        Assert.Equal(2 + 2 * 9, file.Tensors.Count);
        Assert.Equal("token_embd.weight Q6_K [256, 512]", file.Tensors[0].ToString());
        Assert.Equal("blk.1.attn_k.weight Q4_K [256, 128]", file.GetTensor("blk.1.attn_k.weight").ToString());
        Assert.Equal("blk.0.ffn_down.weight Q4_K [512, 256]", file.GetTensor("blk.0.ffn_down.weight").ToString());
        Assert.Equal("blk.1.ffn_down.weight Q6_K [512, 256]", file.GetTensor("blk.1.ffn_down.weight").ToString());
        Assert.Equal("output_norm.weight F32 [256]", file.GetTensor("output_norm.weight").ToString());
        Assert.False(file.TryGetTensor("output.weight", out _));
    }

    [Fact]
    public void Q4_K_M_gives_the_layers_of_the_real_file_more_bits()
    {
        int[] layers = [.. Enumerable.Range(0, 36).Where(layer => SyntheticModel.GetsMoreBits(layer, 36))];

        Assert.Equal([0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 31, 32, 33, 34, 35], layers);
    }

    [Fact]
    public void Yarn_and_an_output_head_of_its_own_can_be_had()
    {
        SyntheticModelOptions options = Small();
        (options.YarnFactor, options.YarnOriginalContextLength, options.TieEmbeddings) = (2, 1024, false);
        options.TensorType = GgufTensorType.Q4_0;

        using GgufFile file = Load(options);

        Assert.Equal("yarn", file.Metadata.GetString("smollm3.rope.scaling.type"));
        Assert.Equal(2, file.Metadata.GetDouble("smollm3.rope.scaling.factor"));
        Assert.Equal(1024, file.Metadata.GetInt32("smollm3.rope.scaling.original_context_length"));
        Assert.Equal("output.weight Q4_0 [256, 512]", file.GetTensor("output.weight").ToString());
    }

    [Fact]
    public void Every_matrix_can_have_any_one_type()
    {
        foreach (GgufTensorType type in GgufTensorTypes.All)
        {
            SyntheticModelOptions options = Small();
            (options.TensorType, options.LayerCount, options.VocabularySize) = (type, 1, 288);
            options.FeedForwardSize = 256;

            using GgufFile file = Load(options);

            Assert.All(
                file.Tensors.Where(tensor => tensor.Dimensions.Count == 2), tensor => Assert.Equal(type, tensor.Type));
            AssertSpread(1 / 16.0, file.GetTensor("blk.0.attn_q.weight"));
        }
    }

    [Fact]
    public void The_seed_decides_every_byte()
    {
        SyntheticModelOptions same = Small();
        SyntheticModelOptions other = Small();
        (same.TensorType, other.TensorType, other.Seed) = (GgufTensorType.Q4_0, GgufTensorType.Q4_0, same.Seed + 1);
        byte[] bytes = Write(same);

        Assert.True(bytes.AsSpan().SequenceEqual(Write(same)));
        Assert.False(bytes.AsSpan().SequenceEqual(Write(other)));
    }

    [Fact]
    public void A_large_model_is_put_together_from_pieces_with_the_same_spread()
    {
        SyntheticModelOptions options = Small();
        (options.TensorType, options.LayerCount, options.LargestDrawn) = (GgufTensorType.BF16, 1, 0);

        byte[] bytes = Write(options);
        using GgufFile file = GgufFile.Load(new MemoryStream(bytes));

        AssertSpread(2.5 / 16, file.GetTensor("token_embd.weight"));
        AssertSpread(1 / 16.0, file.GetTensor("blk.0.ffn_up.weight"));
        Assert.True(bytes.AsSpan().SequenceEqual(Write(options)));
        options.LargestDrawn = long.MaxValue;
        Assert.False(bytes.AsSpan().SequenceEqual(Write(options)));
    }

    [Fact]
    public void Sizes_that_make_no_model_are_refused()
    {
        Action<SyntheticModelOptions>[] mistakes =
        [
            options => options.HeadCount = 3,
            options => options.KeyValueHeadCount = 3,
            options => options.LayerCount = 0,
            options => options.VocabularySize = 287,
            options => options.FeedForwardSize = 300,
            options => options.HiddenSize = 128,
        ];
        Assert.All(mistakes, mistake =>
        {
            SyntheticModelOptions options = Small();
            mistake(options);
            Assert.Throws<ArgumentException>(() => SyntheticModel.Write(new MemoryStream(), options));
        });
    }

    private static SyntheticModelOptions Small() => new()
    {
        HiddenSize = 256,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        FeedForwardSize = 512,
        VocabularySize = 512,
        ContextLength = 1024,
    };

    private static byte[] Write(SyntheticModelOptions options)
    {
        var bytes = new MemoryStream();
        SyntheticModel.Write(bytes, options);
        return bytes.ToArray();
    }

    private static GgufFile Load(SyntheticModelOptions options) => GgufFile.Load(new MemoryStream(Write(options)));

    private static void AssertSpread(double expected, GgufTensor tensor)
    {
        double sum = 0;
        double squares = 0;
        var row = new float[tensor.Dimensions[0]];
        int rows = (int)Math.Min(tensor.RowCount, 64);
        for (int r = 0; r < rows; r++)
        {
            RowCodec.Dequantize(tensor.Type, tensor.GetRow(r), row);
            sum += row.Sum(value => (double)value);
            squares += row.Sum(value => (double)value * value);
        }

        int count = rows * row.Length;
        Assert.InRange(Math.Abs(sum / count), 0, 0.03 * expected);
        Assert.InRange(Math.Sqrt(squares / count), 0.9 * expected, 1.1 * expected);
    }
}
