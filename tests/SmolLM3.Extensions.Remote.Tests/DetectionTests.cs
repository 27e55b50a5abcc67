using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Remote.Tests.StandIns;
using SmolLM3.Inference.Engine;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>What is found out about servers, and what of them is refused.</summary>
public sealed class DetectionTests(TinyGenerator tiny) : IClassFixture<TinyGenerator>
{
    [Theory]
    [InlineData("llamacpp", "llama-server", "b6999-c0c7e147")]
    [InlineData("vllm", "vllm", "0.11.2")]
    [InlineData("somebody", "server", "")]
    public async Task Kind_version_model_and_context_are_found(string owner, string name, string version)
    {
        await using StandIn server = owner == "llamacpp"
            ? new LlamaServer(tiny.Model)
            : new Vllm(tiny.Model) { OwnedBy = owner };
        (server.ModelName, server.ContextLength) = ("smol/lm3", 1024);
        await server.StartAsync();
        using SmolLM3ChatClient client = Connect(server);

        EngineInfo engine = client.GetRequiredService<EngineInfo>();
        ModelInfo model = client.GetRequiredService<ModelInfo>();

        Assert.Equal((name, version, false), (engine.Name, engine.Kernels, engine.IsBatchInvariant));
        Assert.Equal(("smol/lm3", 1024), (model.Name, model.TrainedContextLength));
        Assert.Equal(1024, client.GetRequiredService<ISmolLM3Tokenizer>().ContextLength);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task The_address_may_end_with_v1_and_a_key_is_sent()
    {
        await using Vllm server = new(tiny.Model) { ApiKey = "secret" };
        await server.StartAsync();
        using SmolLM3ChatClient client = Connect(server, options => options.ApiKey = "secret", path: "v1/");
        Assert.NotEqual("", (await client.GetResponseAsync("Hello!", new() { MaxOutputTokens = 4 })).Text);

        using SmolLM3ChatClient stranger = Connect(server);
        var error = await Assert.ThrowsAsync<ServerException>(() => stranger.GetResponseAsync("Hello!"));
        Assert.Contains("ApiKey", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocabulary")]
    [InlineData("tokens")]
    [InlineData("vllm tokens")]
    [InlineData("name")]
    public async Task Another_model_is_refused_before_anything_is_asked_of_it(string difference)
    {
        await using StandIn server = difference switch
        {
            "vocabulary" => new LlamaServer(tiny.Model) { VocabularySize = 32_000 },
            "tokens" => new LlamaServer(tiny.Model) { TokenShift = 1 },
            "vllm tokens" => new Vllm(tiny.Model) { TokenShift = 1 },
            _ => new Vllm(tiny.Model) { ModelName = "llama" },
        };
        await server.StartAsync();
        using SmolLM3ChatClient client = Connect(
            server, options => options.Model = difference == "name" ? "SmolLM3-3B" : null);

        var error = await Assert.ThrowsAsync<ServerMismatchException>(() => client.GetResponseAsync("Hello!"));

        Assert.Equal(server.Address, error.Endpoint);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task What_a_server_cannot_do_is_refused_before_it_is_asked()
    {
        await using LlamaServer llama = new(tiny.Model) { Adapters = ["/models/a.gguf"] };
        await llama.StartAsync();
        await using Vllm other = new(tiny.Model) { OwnedBy = "somebody" };
        await other.StartAsync();

        await RefusesAsync(llama, new() { RawRepresentationFactory = _ => new SmolLM3RequestOptions { Regex = "[0-9]+" } });
        await RefusesAsync(llama, new()
        {
            RawRepresentationFactory = _ => new SmolLM3RequestOptions { Constraint = new Sampling.BannedTokens([1]) },
        });
        await RefusesAsync(other, new() { ResponseFormat = ChatResponseFormat.Json });

        using SmolLM3ChatClient client = Connect(llama);
        await Assert.ThrowsAsync<NotSupportedException>(() => client.SavePrefixAsync([], null, new MemoryStream()));
        await Assert.ThrowsAsync<NotSupportedException>(() => client.RestorePrefixAsync(new MemoryStream()));
        await Assert.ThrowsAsync<NotSupportedException>(() => client.LoadAdapterAsync("b", "b.gguf"));
        await Assert.ThrowsAsync<NotSupportedException>(() => client.UnloadAdapterAsync("a"));
        Assert.Empty(llama.Asked);
    }

    [Fact]
    public async Task A_server_without_ids_is_read_by_its_text()
    {
        await using Vllm server = new(tiny.Model) { OwnedBy = "somebody", ReturnsIds = false };
        await server.StartAsync();
        using SmolLM3ChatClient client = Connect(server);
        ChatOptions greedy = new() { Temperature = 0 };

        Assert.Equal(
            (await tiny.Local.GetResponseAsync("What is 3 + 4?", greedy)).Text,
            (await client.GetResponseAsync("What is 3 + 4?", greedy)).Text);
        AIFunction tool = AIFunctionFactory.Create((string city) => city, "get_weather", "Gets the weather of a city");
        ChatResponse call = await client.GetResponseAsync(
            "What is the weather in Paris?", new() { Temperature = 0, Tools = [tool] });
        Assert.Single(call.Messages[0].Contents.OfType<FunctionCallContent>());
    }

    [Fact]
    public async Task The_servers_adapters_are_chosen_by_their_names()
    {
        await using LlamaServer llama = new(tiny.Model) { Adapters = ["/models/law.gguf", "/models/pirate.gguf"] };
        await llama.StartAsync();
        await using Vllm vllm = new(tiny.Model) { Adapters = ["law", "pirate"] };
        await vllm.StartAsync();
        foreach (StandIn server in (StandIn[])[llama, vllm])
        {
            using SmolLM3ChatClient client = Connect(server);
            Assert.Equal(["law", "pirate"], await client.GetAdaptersAsync());
            await client.GetResponseAsync("Hello!", With("pirate", 1));
            await client.GetResponseAsync("Hello!", new() { MaxOutputTokens = 2 });
            await Assert.ThrowsAsync<UnknownAdapterException>(() => client.GetResponseAsync("Hello!", With("chef", 1)));
        }

        await RefusesAsync(vllm, With("pirate", 0.5f));
        Assert.Equal(["pirate", "tiny"], vllm.Asked.Select(body => body["model"]!.GetValue<string>()));
        Assert.Equal(
            ["""[{"id":0,"scale":0},{"id":1,"scale":1}]""", """[{"id":0,"scale":0},{"id":1,"scale":0}]"""],
            llama.Asked.Select(body => body["lora"]!.ToJsonString()));
    }

    [Fact]
    public void Addresses_and_values_are_checked_where_they_are_set()
    {
        SmolLM3Options options = new();
        Assert.Throws<ArgumentException>(() => options.UseServer(new Uri("ftp://here")));
        Assert.Throws<ArgumentException>(() => options.UseServer(new Uri("here", UriKind.Relative)));
        Assert.Throws<ArgumentException>(() => options.UseServers([]));
        Uri twice = new("http://here/v1");
        Assert.Throws<ArgumentException>(() => options.UseServers([twice, new Uri("http://here")]));
        foreach (Action<ServerOptions> wrong in (Action<ServerOptions>[])
            [o => o.Retries = -1, o => o.StallTimeout = TimeSpan.Zero, o => o.EjectionTime = TimeSpan.FromMilliseconds(1),
            o => o.Model = " ", o => o.Kind = (ServerKind)9])
        {
            Assert.ThrowsAny<ArgumentException>(() => options.UseServer(twice, wrong));
        }
    }

    private static ChatOptions With(string adapter, float scale) => new()
    {
        MaxOutputTokens = 2,
        RawRepresentationFactory = _ => new SmolLM3RequestOptions
        {
            LoraAdapters = new Dictionary<string, float> { [adapter] = scale },
        },
    };

    private static async Task RefusesAsync(StandIn server, ChatOptions options)
    {
        int asked = server.Asked.Count;
        using SmolLM3ChatClient client = Connect(server);
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync("Hello!", options));
        Assert.Equal(asked, server.Asked.Count);
    }

    private static SmolLM3ChatClient Connect(StandIn server, Action<ServerOptions>? configure = null, string path = "") =>
        new(new SmolLM3Options().UseTinyModel().UseServer(new Uri(server.Address, path), configure));
}
