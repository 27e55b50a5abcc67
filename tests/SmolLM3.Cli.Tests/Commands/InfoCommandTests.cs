using System.Text.Json;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Cli.Tests.Commands;

public sealed class InfoCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Json_holds_the_sizes_of_the_file()
    {
        string model = Synthetic(GgufTensorType.Q8_0);

        JsonElement facts = await FactsAsync("info", model, "--json");

        Assert.Equal("smollm3", facts.GetProperty("architecture").GetString());
        Assert.Equal("Synthetic SmolLM3", facts.GetProperty("name").GetString());
        Assert.Equal(8, facts.GetProperty("layers").GetInt32());
        Assert.Equal(2, facts.GetProperty("layers_without_rotary").GetInt32());
        Assert.Equal(4, facts.GetProperty("heads").GetInt32());
        Assert.Equal(2, facts.GetProperty("kv_heads").GetInt32());
        Assert.False(facts.GetProperty("tied_embeddings").GetBoolean());
        Assert.Equal(2048, facts.GetProperty("tokenizer").GetProperty("vocabulary").GetInt32());

        // layers x keys and values x KV heads x head dimension x bytes of a half
        Assert.Equal(8L * 2 * 2 * 32 * 2 * 1000, facts.GetProperty("kv_bytes_per_1000_tokens").GetInt64());

        using GgufFile file = GgufFile.Open(model);
        Assert.Equal(file.Tensors.Sum(t => t.ByteLength), facts.GetProperty("weight_bytes").GetInt64());
        JsonElement[] types = [.. facts.GetProperty("tensor_types").EnumerateArray()];
        Assert.Equal(["Q8_0", "F32"], types.Select(type => type.GetProperty("type").GetString()));
        Assert.Equal(file.Tensors.Count, types.Sum(type => type.GetProperty("tensors").GetInt32()));
        Assert.Equal(
            facts.GetProperty("parameters").GetInt64(), types.Sum(type => type.GetProperty("parameters").GetInt64()));
        Assert.Equal(
            facts.GetProperty("weight_bytes").GetInt64(), types.Sum(type => type.GetProperty("bytes").GetInt64()));
    }

    [Fact]
    public async Task Contexts_are_the_trained_and_the_usual_ones_and_tell_where_yarn_is_needed()
    {
        JsonElement facts = await FactsAsync("info", Synthetic(GgufTensorType.F16), "--json");

        JsonElement[] contexts = [.. facts.GetProperty("contexts").EnumerateArray()];
        Assert.Equal([4096, 32_768, 131_072], contexts.Select(context => context.GetProperty("tokens").GetInt32()));
        Assert.Equal(JsonValueKind.Null, contexts[0].GetProperty("yarn_factor_needed").ValueKind);
        Assert.Equal([8.0, 32.0], contexts[1..].Select(c => c.GetProperty("yarn_factor_needed").GetDouble()));
        Assert.All(contexts, context => Assert.Equal(
            facts.GetProperty("weight_bytes").GetInt64() + context.GetProperty("kv_bytes").GetInt64(),
            context.GetProperty("total_bytes").GetInt64()));
    }

    [Fact]
    public async Task A_context_of_ones_own_is_the_only_one()
    {
        JsonElement facts = await FactsAsync("info", _folder.TinyModel(), "--context", "100", "--json");

        JsonElement context = Assert.Single(facts.GetProperty("contexts").EnumerateArray());
        Assert.Equal(
            facts.GetProperty("kv_bytes_per_1000_tokens").GetInt64(), context.GetProperty("kv_bytes").GetInt64() * 10);
    }

    [Fact]
    public async Task The_page_names_the_types_and_the_end_of_a_turn()
    {
        Smollm3.Result result = await Smollm3.RunAsync("info", _folder.TinyModel(), "--context", "10000000");

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("<|im_end|>", result.Text, StringComparison.Ordinal);
        Assert.Contains("Q8_0", result.Text, StringComparison.Ordinal);
        Assert.Contains("YaRN", result.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no model", "GGUF")]
    [InlineData(null, "model.gguf")]
    public async Task A_file_that_is_none_ends_with_one_line(string? content, string expected)
    {
        string path = content is null ? _folder["model.gguf"] : _folder.Write("model.gguf", content);

        Smollm3.Result result = await Smollm3.RunAsync("info", path);

        result.AssertMistake(expected);
    }

    private static async Task<JsonElement> FactsAsync(params string[] arguments)
    {
        Smollm3.Result result = await Smollm3.RunAsync(arguments);
        Assert.Equal("", result.Error);
        return JsonElement.Parse(result.Output);
    }

    private string Synthetic(GgufTensorType type)
    {
        SyntheticModel.Write(_folder["model.gguf"], new SyntheticModelOptions
        {
            TensorType = type,
            HiddenSize = 128,
            LayerCount = 8,
            HeadCount = 4,
            KeyValueHeadCount = 2,
            FeedForwardSize = 256,
            VocabularySize = 2048,
            ContextLength = 4096,
            TieEmbeddings = false,
        });
        return _folder["model.gguf"];
    }
}
