using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;
using SmolLM3.Inference.Tests.Managed;

namespace SmolLM3.Inference.Tests.Synthetic;

public sealed class SyntheticAdapterTests
{
    [Fact]
    public void It_has_the_metadata_llama_cpp_asks_for_and_the_same_bytes_every_time()
    {
        byte[] bytes = Write(new() { Rank = 2, Alpha = 6 });
        Assert.Equal(bytes, Write(new() { Rank = 2, Alpha = 6 }));
        Assert.NotEqual(bytes, Write(new() { Rank = 2, Alpha = 6, Seed = 4 }));
        using GgufFile file = GgufFile.Load(new MemoryStream(bytes));
        Assert.Equal("adapter", file.Metadata.GetString("general.type"));
        Assert.Equal("smollm3", file.Metadata.GetString("general.architecture"));
        Assert.Equal("lora", file.Metadata.GetString("adapter.type"));
        Assert.Equal(6f, file.Metadata["adapter.lora.alpha"]);
    }

    [Fact]
    public void Ranks_below_one_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Write(new() { Rank = 0 }));

    private static byte[] Write(SyntheticAdapterOptions options)
    {
        MemoryStream stream = new();
        SyntheticAdapter.Write(stream, TestModels.Small, options);
        return stream.ToArray();
    }
}
