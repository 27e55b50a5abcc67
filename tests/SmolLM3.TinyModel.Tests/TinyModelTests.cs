using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;
using Tiny = SmolLM3.TinyModel.TinyModel;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.TinyModelTests;

public class TinyModelTests
{
    [Fact]
    public void The_package_holds_a_smollm3_of_at_most_four_megabytes()
    {
        using Stream stream = Tiny.OpenRead();
        Assert.InRange(stream.Length, 100_000, 4 * 1024 * 1024);
        using GgufFile file = GgufFile.Load(stream);
        Assert.Equal("smollm3", file.Metadata.GetString("general.architecture"));
        Assert.True(file.Metadata.GetInt32("smollm3.block_count") >= 8);
        int heads = file.Metadata.GetInt32("smollm3.attention.head_count");
        Assert.True(heads > file.Metadata.GetInt32("smollm3.attention.head_count_kv"));
        Assert.False(file.TryGetTensor("output.weight", out _));
    }

    [Fact]
    public async Task It_can_be_copied_and_served_from_the_file()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        try
        {
            Tiny.CopyTo(path);
            using SmolLM3ChatClient fromFile = new(new SmolLM3Options { Model = path });
            using SmolLM3ChatClient fromPackage = new(new SmolLM3Options().UseTinyModel());
            Assert.Equal(
                (await fromPackage.GetResponseAsync("Hello!", TinyClient.Greedy)).Text,
                (await fromFile.GetResponseAsync("Hello!", TinyClient.Greedy)).Text);
            Assert.Equal("smollm3-tiny", fromPackage.GetService<ChatClientMetadata>()!.DefaultModelId);
            Assert.True(fromPackage.GetService<ModelInfo>()!.ParameterCount > 100_000);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
