using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;
using SmolLM3.Inference.Tests.Managed;

namespace SmolLM3.Inference.Tests.Gguf;

public sealed class LoraFileTests
{
    private static GgufFile Model => TestModels.Small;

    [Fact]
    public void An_adapter_is_pairs_of_tensors()
    {
        LoraFile file = LoraFile.Read(Adapter(), Model);
        Assert.Equal(5 * 7, file.Tensors.Count);
        LoraTensors key = file.Tensors[1];
        Assert.Equal((0, LoraTarget.Key, 4, 2f), (key.Layer, key.Target, key.Rank, key.Factor));
        Assert.Equal("blk.0.attn_k.weight.lora_a", key.A.Name);
        Assert.Equal([256L, 4], key.A.Dimensions);
        Assert.Equal([4L, 64], key.B.Dimensions);
    }

    [Fact]
    public void Without_an_alpha_nothing_is_scaled()
    {
        Assert.Equal(1, LoraFile.Read(Adapter(alpha: 0), Model).Tensors[0].Factor);
        using GgufFile zero = Change(metadata: (key, value) => key == "adapter.lora.alpha" ? 0f : value);
        Assert.Equal(1, LoraFile.Read(zero, Model).Tensors[0].Factor);
    }

    [Theory]
    [InlineData("general.type", "model", typeof(GgufFormatException), "is 'model'")]
    [InlineData("general.type", null, typeof(GgufFormatException), "is 'missing'")]
    [InlineData("general.architecture", "llama", typeof(GgufFormatException), "another base model")]
    [InlineData("adapter.type", "controlvector", typeof(UnsupportedModelException), "controlvector")]
    [InlineData("adapter.lora.alpha", float.NaN, typeof(GgufFormatException), "adapter.lora.alpha")]
    [InlineData("adapter.lora.alpha", "two", typeof(GgufFormatException), "adapter.lora.alpha")]
    public void Metadata_must_be_that_of_an_adapter(string key, object? value, Type type, string message)
    {
        using GgufFile file = Change(metadata: (name, old) => name == key ? value : old);
        Refuse(file, type, message);
    }

    [Fact]
    public void An_adapter_that_begins_in_the_middle_is_refused()
    {
        using GgufFile file = Change(
            more: writer => writer.Set("adapter.alora.invocation_tokens", (uint[])[1, 2]));
        Refuse(file, typeof(UnsupportedModelException), "activated LoRA");
    }

    [Theory]
    [InlineData("token_embd.weight.lora_a")]
    [InlineData("output.weight.lora_b")]
    [InlineData("blk.0.attn_norm.weight")]
    [InlineData("blk.0.attn_q.bias.lora_a")]
    [InlineData("blk.-1.attn_q.weight.lora_a")]
    [InlineData(".lora_a")]
    public void Other_tensors_are_refused_by_name(string name)
    {
        using GgufFile file = Change(more: writer => writer.AddTensor(name, GgufTensorType.F32, [1], new byte[4]));
        Refuse(file, typeof(UnsupportedModelException), $"'{name}'");
    }

    [Fact]
    public void Half_a_pair_is_refused()
    {
        using GgufFile file = Change(shape: t => t.Name == "blk.1.ffn_up.weight.lora_b" ? null : t.Dimensions);
        Refuse(file, typeof(GgufFormatException), "'blk.1.ffn_up.weight.lora_b' is missing");
    }

    [Theory]
    [InlineData("blk.1.attn_k.weight.lora_a", 128, 4, "another base model")]
    [InlineData("blk.1.attn_k.weight.lora_b", 4, 65, "another base model")]
    [InlineData("blk.1.attn_k.weight.lora_b", 3, 64, "different ranks, 4 and 3")]
    public void Shapes_must_fit_the_model(string name, long width, long rows, string message)
    {
        using GgufFile file = Change(shape: t => t.Name == name ? [width, rows] : t.Dimensions);
        Refuse(file, typeof(GgufFormatException), message);
    }

    [Fact]
    public void A_layer_the_model_does_not_have_is_refused()
    {
        using GgufFile file = Change(more: writer => writer
            .AddTensor("blk.9.attn_q.weight.lora_a", GgufTensorType.F32, [256, 1], new byte[1024])
            .AddTensor("blk.9.attn_q.weight.lora_b", GgufTensorType.F32, [1, 256], new byte[1024]));
        Refuse(file, typeof(GgufFormatException), "'blk.9.attn_q.weight', which the model does not have");
    }

    [Fact]
    public void An_empty_adapter_and_a_model_are_refused()
    {
        using GgufFile empty = Change(shape: _ => null);
        Refuse(empty, typeof(GgufFormatException), "empty");
        Refuse(Model, typeof(GgufFormatException), "no adapter");
    }

    private static GgufFile Adapter(float alpha = 8)
    {
        MemoryStream stream = new();
        SyntheticAdapter.Write(stream, Model, new() { Rank = 4, Alpha = alpha });
        stream.Position = 0;
        return GgufFile.Load(stream);
    }

    private static GgufFile Change(
        Func<string, object, object?>? metadata = null,
        Func<GgufTensor, IReadOnlyList<long>?>? shape = null,
        Action<GgufWriter>? more = null)
    {
        using GgufFile adapter = Adapter();
        return TestModels.Change(adapter, metadata, shape, more);
    }

    private static void Refuse(GgufFile file, Type type, string message)
    {
        Exception? error = Record.Exception(() => LoraFile.Read(file, Model));
        Assert.IsType(type, error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
