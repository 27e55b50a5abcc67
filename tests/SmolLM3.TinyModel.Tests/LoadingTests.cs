using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;
using Tiny = SmolLM3.TinyModel.TinyModel;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.TinyModelTests;

/// <summary>Files that cannot be served, each with an exception that says what to do.</summary>
public sealed class LoadingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smollm3-tests-").FullName;

    [Fact]
    public async Task A_missing_file_is_said_to_be_missing_and_served_once_it_is_there()
    {
        string path = Path.Combine(_folder, "later.gguf");
        using SmolLM3ChatClient client = new(new SmolLM3Options { Model = path });
        ModelNotFoundException error =
            await Assert.ThrowsAsync<ModelNotFoundException>(() => client.GetResponseAsync("Hi"));
        Assert.Contains(path, error.Message);
        Tiny.CopyTo(path);
        Assert.NotEqual("", (await client.GetResponseAsync("Hello!", TinyClient.Greedy)).Text);
    }

    [Fact]
    public async Task A_file_that_is_no_gguf_is_refused()
    {
        GgufFormatException error =
            await Refused<GgufFormatException>("This is just some text, and not a model."u8.ToArray());
        Assert.Contains("GGUF", error.Message);
        await Refused<GgufFormatException>([]);
    }

    [Fact]
    public async Task A_truncated_file_is_refused()
    {
        byte[] whole = Bytes();
        await Refused<GgufFormatException>(whole[..(whole.Length / 2)]);
        await Refused<GgufFormatException>(whole[..1000]);
    }

    [Fact]
    public async Task Another_architecture_is_refused_by_name()
    {
        using MemoryStream stream = new();
        new GgufWriter().Set("general.architecture", "mamba").Set("mamba.block_count", 2).Write(stream);
        UnsupportedModelException error = await Refused<UnsupportedModelException>(stream.ToArray());
        Assert.Contains("mamba", error.Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<T> Refused<T>(byte[] content)
        where T : Exception
    {
        string path = Path.Combine(_folder, $"{Guid.NewGuid():N}.gguf");
        await File.WriteAllBytesAsync(path, content);
        using SmolLM3ChatClient client = new(new SmolLM3Options { Model = path });
        await Assert.ThrowsAsync<T>(() => client.GetResponseAsync("Hi"));
        return await Assert.ThrowsAsync<T>(() => client.LoadAsync());
    }

    private static byte[] Bytes()
    {
        using Stream stream = Tiny.OpenRead();
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
