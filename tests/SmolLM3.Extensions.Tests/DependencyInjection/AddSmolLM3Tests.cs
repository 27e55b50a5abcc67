using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SmolLM3.Extensions.Tests.Loading;

namespace SmolLM3.Extensions.Tests.DependencyInjection;

public class AddSmolLM3Tests
{
    private readonly FakeEngineFactory _engines = new();

    [Fact]
    public async Task The_client_is_one_singleton_that_the_container_disposes()
    {
        ServiceCollection services = Services();
        services.AddSmolLM3(options => UseTiny(options));
        ServiceProvider provider = services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();
        Assert.Same(client, provider.GetRequiredService<IChatClient>());
        await client.GetRequiredService<SmolLM3ChatClient>().LoadAsync();

        await provider.DisposeAsync();
        Assert.True(Assert.Single(_engines.Made).IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hi"));
    }

    [Fact]
    public void Middleware_chains()
    {
        ServiceCollection services = Services();
        services.AddSmolLM3(options => UseTiny(options)).UseFunctionInvocation();
        using ServiceProvider provider = services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();
        Assert.NotNull(client.GetService<FunctionInvokingChatClient>());
        Assert.NotNull(client.GetService<SmolLM3ChatClient>());
        Assert.Empty(_engines.Made);
    }

    [Fact]
    public void Options_can_come_from_elsewhere()
    {
        ServiceCollection services = Services();
        services.Configure<SmolLM3Options>(options => options.Model = "there.gguf");
        services.AddSmolLM3();
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal(
            "there",
            provider.GetRequiredService<IChatClient>().GetRequiredService<ChatClientMetadata>().DefaultModelId);
    }

    [Fact]
    public void Options_can_come_from_configuration()
    {
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Model"] = "models/some.gguf", ["ModelId"] = "mine", ["ContextLength"] = "4096", ["Threads"] = "3",
            ["CapacityTokens"] = "9000",
            ["Temperature"] = "0.25", ["EnableThinking"] = "true", ["HighThinkingTokens"] = "99", ["YarnFactor"] = "2",
            ["LoraAdapters:pirate:Path"] = "pirate.gguf", ["LoraAdapters:pirate:Scale"] = "0.5",
        }).Build();
        ServiceCollection services = Services();
        services.AddSmolLM3(section);
        services.AddKeyedSmolLM3("second", section);
        using ServiceProvider provider = services.BuildServiceProvider();
        foreach (string name in new[] { Options.DefaultName, "second" })
        {
            SmolLM3Options options = provider.GetRequiredService<IOptionsMonitor<SmolLM3Options>>().Get(name);
            Assert.Equal(
                ("models/some.gguf", "mine", 4096, 9000, 3), (options.Model, options.ModelId, options.ContextLength,
                options.CapacityTokens, options.Threads));
            Assert.Equal(
                (0.25f, true, 99, 2f), (options.Temperature, options.EnableThinking, options.HighThinkingTokens,
                options.YarnFactor));
            SmolLM3Adapter adapter = Assert.Single(options.LoraAdapters, pair => pair.Key == "pirate").Value;
            Assert.Equal(("pirate.gguf", 0.5f), (adapter.Path, adapter.Scale));
        }
    }

    [Fact]
    public async Task Keyed_clients_have_options_of_their_own_and_share_a_model_where_they_can()
    {
        ServiceCollection services = Services();
        services.AddKeyedSmolLM3("fast", options => UseTiny(options));
        services.AddKeyedSmolLM3("slow", options => UseTiny(options).EnableThinking = true);
        services.AddKeyedSmolLM3("long", options => UseTiny(options).ContextLength = 2048);
        services.AddKeyedSmolLM3("wide", options => UseTiny(options).CapacityTokens = 8192);
        await using ServiceProvider provider = services.BuildServiceProvider();
        foreach (string key in new[] { "fast", "slow", "long", "wide" })
        {
            await provider.GetRequiredKeyedService<IChatClient>(
                key).GetRequiredService<SmolLM3ChatClient>().LoadAsync();
        }

        Assert.Equal(3, _engines.Made.Count);
        Assert.Equal(2048, _engines.Made[1].Limits.ContextLength);
        Assert.Equal(8192, _engines.Made[2].Limits.CapacityTokens);
        Assert.Null(provider.GetService<IChatClient>());
    }

    [Fact]
    public void Different_keys_of_one_name_are_refused()
    {
        ServiceCollection services = Services();
        services.AddKeyedSmolLM3(1, options => UseTiny(options));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => services.AddKeyedSmolLM3("1", options => UseTiny(options)));
        Assert.Contains("1 (System.Int32) and 1 (System.String)", error.Message);
        services.AddKeyedSmolLM3(1);
        services.AddKeyedSmolLM3("2", options => UseTiny(options));
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetRequiredKeyedService<IChatClient>(1));
        Assert.Null(provider.GetKeyedService<IChatClient>("1"));
    }

    [Fact]
    public async Task Wrong_options_stop_the_host_at_its_start()
    {
        HostApplicationBuilder builder = QuietHost();
        builder.Services.AddSmolLM3(options => (options.TopP, options.Model) = (2, null));
        using IHost host = builder.Build();
        OptionsValidationException error =
            await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(2, error.Failures.Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_host_warms_up_where_it_is_asked_to(bool warmUp)
    {
        HostApplicationBuilder builder = QuietHost();
        builder.Services.AddSingleton<IEngineFactory>(_engines);
        builder.Services.AddSmolLM3(options => UseTiny(options).WarmUp = warmUp);
        builder.Services.AddSingleton<IChatClient>(new OtherClient());
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.Equal(warmUp ? 1 : 0, _engines.Made.Count);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_stops_a_host_that_warms_up()
    {
        HostApplicationBuilder builder = QuietHost();
        builder.Services.AddSmolLM3(options =>
        {
            options.Model = "nowhere.gguf";
            options.WarmUp = true;
        });
        using IHost host = builder.Build();
        await Assert.ThrowsAsync<ModelNotFoundException>(() => host.StartAsync());
    }

    [Fact]
    public void Services_are_needed()
    {
        Assert.Throws<ArgumentNullException>(() => SmolLM3ServiceCollectionExtensions.AddSmolLM3(null!));
        Assert.Throws<ArgumentNullException>(() => Services().AddSmolLM3((Action<SmolLM3Options>)null!));
    }

    private static SmolLM3Options UseTiny(SmolLM3Options options) =>
        options.UseModel("tiny", () => File.OpenRead(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf")));

    private static HostApplicationBuilder QuietHost()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        return builder;
    }

    private ServiceCollection Services()
    {
        ServiceCollection services = [];
        services.AddSingleton<IEngineFactory>(_engines);
        return services;
    }

    private sealed class OtherClient : DelegatingChatClient
    {
        public OtherClient()
            : base(new SmolLM3ChatClient(new() { Model = "none.gguf" }))
        {
        }
    }
}
