using System.Text;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Models;
using SmolLM3.Extensions.Remote.Tests.StandIns;
using SmolLM3.Extensions.Tests.Models;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tests.Tokenization;

namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>Where the tokenizer comes from when the model is a name of the hub.</summary>
public sealed class TokenizerDownloadTests(TinyGenerator tiny) : IClassFixture<TinyGenerator>
{
    private const string Model = "Org-Q4_K_M.gguf";

    [Fact]
    public async Task Nothing_but_the_tokenizer_is_fetched_and_once_only()
    {
        await using FakeHub hub = await FakeHub.StartAsync(Model);
        hub.Files["tokenizer.json"] = TokenizerFile();
        await using Vllm server = new(tiny.Model);
        await server.StartAsync();

        string expected = (await tiny.Local.GetResponseAsync("Hello!", new() { Temperature = 0 })).Text;
        for (int i = 0; i < 2; i++)
        {
            using SmolLM3ChatClient client = Connect(hub, server);
            Assert.Equal(expected, (await client.GetResponseAsync("Hello!", new() { Temperature = 0 })).Text);
            Assert.Equal(FakeHub.Repository, client.GetRequiredService<ChatClientMetadata>().DefaultModelId);
        }

        Assert.All(hub.Requests, request => Assert.DoesNotContain("gguf", request.Path, StringComparison.Ordinal));
        Assert.Single(hub.Requests, request => request.Path.StartsWith("/api/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_is_here_has_it()
    {
        await using FakeHub hub = await FakeHub.StartAsync();
        using MemoryStream file = new();
        await using (Stream source = TinyModel.TinyModel.OpenRead())
        {
            await source.CopyToAsync(file);
        }

        string path = hub.Cache.Snapshot(FakeHub.Repository, FakeHub.Commit, Model);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, file.ToArray());
        await using Vllm server = new(tiny.Model);
        await server.StartAsync();
        using SmolLM3ChatClient client = Connect(hub, server);

        Assert.NotEqual("", (await client.GetResponseAsync("Hello!", new() { Temperature = 0 })).Text);

        Assert.Empty(hub.Requests);
    }

    [Fact]
    public async Task A_repository_without_one_says_so()
    {
        await using FakeHub hub = await FakeHub.StartAsync(Model);
        await using Vllm server = new(tiny.Model);
        await server.StartAsync();
        using SmolLM3ChatClient client = Connect(hub, server);

        var error = await Assert.ThrowsAsync<ModelDownloadException>(() => client.GetResponseAsync("Hello!"));

        Assert.Equal(ModelDownloadProblem.NotFound, error.Problem);
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, hub.Fetches);
    }

    [Fact]
    public void Converted_models_have_the_tokenizer_of_their_makers()
    {
        foreach (string name in (string[])
            ["HuggingFaceTB/SmolLM3-3B", "ggml-org/SmolLM3-3B-GGUF", "unsloth/SmolLM3-3B-128K-GGUF:Q8_0"])
        {
            Assert.True(ModelReference.TryParse(name, out ModelReference? model));
            Assert.Equal(
                ("HuggingFaceTB/SmolLM3-3B", "tokenizer.json"), (model.Tokenizer.Repository, model.Tokenizer.File));
        }
    }

    private static SmolLM3ChatClient Connect(FakeHub hub, StandIn server) =>
        new(new SmolLM3Options { Model = FakeHub.Repository }.UseHub(hub.Settings).UseServer(server.Address));

    private static byte[] TokenizerFile()
    {
        using Stream stream = TinyModel.TinyModel.OpenRead();
        using GgufFile file = GgufFile.Load(stream);
        return Encoding.UTF8.GetBytes(TokenizerJson.From(file.Metadata, mergesArePairs: true).ToJsonString());
    }
}
