using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SmolLM3.Extensions.Tests.Hosting;

/// <summary>Hosts whose models come from configuration, on the tiny model.</summary>
public sealed class ConfiguredHostTests
{
    private static string Tiny => Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf");

    [Theory]
    [InlineData("TopP", "2", "TopP must be from 0 to 1, but is 2")]
    [InlineData("TopK", "many", "TopK")]
    [InlineData("Model", "", "No model is set")]
    public async Task A_reload_with_a_mistake_is_logged_and_all_goes_on_with_the_last_good_options(
        string name, string value, string mistake)
    {
        IConfigurationRoot configuration =
            Configuration(new() { ["Model"] = Tiny, ["Temperature"] = "0", ["MinP"] = "0.25" });
        RecordingLoggerFactory logs = new();
        using IHost host = await StartAsync(
            services =>
            {
                services.AddSmolLM3(configuration);
                services.AddHealthChecks().AddSmolLM3();
            },
            logs);
        IChatClient client = host.Services.GetRequiredService<IChatClient>();
        var monitor = host.Services.GetRequiredService<IOptionsMonitor<SmolLM3Options>>();
        string answer = (await client.GetResponseAsync("Who are you?")).Text;

        string? before = configuration[name];
        configuration[name] = value;
        configuration.Reload();
        (LogLevel level, string message) = Assert.Single(
            logs.Entries, entry => entry.Message.Contains("the last good ones stay", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains(mistake, message);
        Assert.Equal((Tiny, 0.25f), (monitor.CurrentValue.Model, monitor.CurrentValue.MinP));
        Assert.Equal(answer, (await client.GetResponseAsync("Who are you?")).Text);
        Assert.Same(client, host.Services.GetRequiredService<IChatClient>());
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, report.Status);

        configuration[name] = before;
        configuration["MinP"] = "0.5";
        configuration.Reload();
        Assert.Equal(0.5f, monitor.CurrentValue.MinP);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_client_keeps_the_options_it_was_made_with()
    {
        IConfigurationRoot configuration =
            Configuration(new() { ["Model"] = Tiny, ["ModelId"] = "before", ["MaxOutputTokens"] = "4" });
        using IHost host = await StartAsync(services => services.AddSmolLM3(configuration));
        IChatClient client = host.Services.GetRequiredService<IChatClient>();
        configuration["ModelId"] = "after";
        configuration["MaxOutputTokens"] = "2";
        configuration.Reload();

        ChatResponse response = await client.GetResponseAsync("Who are you?");
        Assert.Equal(("before", 4L), (response.ModelId, response.Usage!.OutputTokenCount));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_client_made_after_a_reload_with_a_mistake_has_the_last_good_options()
    {
        IConfigurationRoot configuration = Configuration(new() { ["Model"] = Tiny, ["MaxOutputTokens"] = "3" });
        using IHost host = await StartAsync(services => services.AddSmolLM3(configuration));
        configuration["MaxOutputTokens"] = "0";
        configuration.Reload();
        ChatResponse response = await host.Services.GetRequiredService<IChatClient>().GetResponseAsync("Who are you?");
        Assert.Equal(3, response.Usage!.OutputTokenCount);
        await host.StopAsync();
    }

    [Fact]
    public async Task Options_come_from_configuration_by_the_names_of_clients()
    {
        IConfigurationRoot configuration =
            Configuration(new() { ["One:Model"] = Tiny, ["One:ModelId"] = "one", ["Two:Model"] = Tiny });
        using IHost host = await StartAsync(services =>
        {
            services.Configure<SmolLM3Options>(configuration.GetSection("One"));
            services.Configure<SmolLM3Options>("two", configuration.GetSection("Two"));
            services.PostConfigure<SmolLM3Options>("two", options => options.ModelId = "second");
            services.AddSmolLM3();
            services.AddKeyedSmolLM3("two");
        });
        ChatOptions options = new() { MaxOutputTokens = 2 };
        IChatClient one = host.Services.GetRequiredService<IChatClient>();
        IChatClient two = host.Services.GetRequiredKeyedService<IChatClient>("two");
        Assert.Equal("one", (await one.GetResponseAsync("Hello!", options)).ModelId);
        Assert.Equal("second", (await two.GetResponseAsync("Hello!", options)).ModelId);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_scope_that_ends_leaves_the_client_to_others()
    {
        IConfigurationRoot configuration = Configuration(new() { ["Model"] = Tiny, ["MaxOutputTokens"] = "2" });
        using IHost host = await StartAsync(services => services.AddSmolLM3(configuration));
        IChatClient client;
        using (IServiceScope scope = host.Services.CreateScope())
        {
            client = scope.ServiceProvider.GetRequiredService<IChatClient>();
        }

        Assert.Same(client, host.Services.GetRequiredService<IChatClient>());
        Assert.Equal(2, (await client.GetResponseAsync("Hello!")).Usage!.OutputTokenCount);
        await host.StopAsync();
        host.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("Hello!"));
    }

    [Fact]
    public async Task Two_models_live_in_one_host()
    {
        IConfigurationRoot configuration = Configuration(new()
        {
            ["Short:Model"] = Tiny, ["Short:ModelId"] = "short", ["Short:ContextLength"] = "64",
            ["Short:WarmUp"] = "true",
            ["Long:Model"] = Tiny, ["Long:ModelId"] = "long", ["Long:WarmUp"] = "true",
        });
        RecordingLoggerFactory logs = new();
        using IHost host = await StartAsync(
            services =>
            {
                services.AddKeyedSmolLM3("short", configuration.GetSection("Short"));
                services.AddKeyedSmolLM3("long", configuration.GetSection("Long")).UseFunctionInvocation();
                services.AddHealthChecks().AddSmolLM3("short", "short").AddSmolLM3("long", "long");
            },
            logs);
        string[] loading = [.. logs.Entries.Select(entry => entry.Message).Where(
            message => message.StartsWith("Warming up: loading", StringComparison.Ordinal))];
        Assert.Equal(["Warming up: loading short", "Warming up: loading long"], loading);
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.All(report.Entries.Values, entry => Assert.Equal("ready", entry.Data["state"]));
        Assert.Equal(2, report.Entries.Count);

        IChatClient small = host.Services.GetRequiredKeyedService<IChatClient>("short");
        IChatClient large = host.Services.GetRequiredKeyedService<IChatClient>("long");
        string question = string.Concat(Enumerable.Repeat("Hello! ", 40));
        ChatOptions options = new() { MaxOutputTokens = 4 };
        Task<ChatResponse> answered = large.GetResponseAsync(question, options);
        await Assert.ThrowsAsync<PromptTooLongException>(() => small.GetResponseAsync(question, options));
        Assert.Equal("long", (await answered).ModelId);
        Assert.Null(small.GetService<FunctionInvokingChatClient>());
        Assert.NotNull(large.GetService<FunctionInvokingChatClient>());
        await Assert.ThrowsAsync<UnknownModelException>(
            () => large.GetResponseAsync("Hello!", new() { ModelId = "short" }));
        await host.StopAsync();
    }

    [Fact]
    public async Task The_start_says_which_of_two_models_is_configured_wrong()
    {
        IConfigurationRoot configuration =
            Configuration(new() { ["Good:Model"] = Tiny, ["Bad:Model"] = Tiny, ["Bad:TopK"] = "-1" });
        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(services =>
            {
                services.AddKeyedSmolLM3("good", configuration.GetSection("Good"));
                services.AddKeyedSmolLM3("bad", configuration.GetSection("Bad"));
            }));
        Assert.Equal("bad", error.OptionsName);
        Assert.Contains("TopK", Assert.Single(error.Failures));
    }

    private static IConfigurationRoot Configuration(Dictionary<string, string?> values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values).Build();

    private static async Task<IHost> StartAsync(Action<IServiceCollection> configure, RecordingLoggerFactory? logs = null)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<ILoggerFactory>(logs ?? new());
        configure(builder.Services);
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
