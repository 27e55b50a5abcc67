using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.DependencyInjection;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Tests.Generation;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.DependencyInjection;

public sealed class HealthCheckTests
{
    [Fact]
    public async Task A_model_nobody_asked_for_is_healthy_and_stays_unloaded()
    {
        ClientHarness harness = new("Hi.");
        await AssertStateAsync(harness.Client, HealthStatus.Healthy, "idle");
        Assert.Equal(0, harness.Loads);
        await harness.Client.GetResponseAsync([new(default, "Hello")]);
        await AssertStateAsync(harness.Client, HealthStatus.Healthy, "ready");
    }

    [Fact]
    public async Task While_a_model_is_loaded_the_check_does_not_wait()
    {
        using ManualResetEventSlim go = new();
        SharedModel model = new(() =>
        {
            go.Wait();
            throw new IOException("broken");
        });
        await using SmolLM3ChatClient client = Client(model);
        Task loading = client.LoadAsync();
        await AssertStateAsync(client, HealthStatus.Degraded, "loading");
        go.Set();
        await Assert.ThrowsAsync<IOException>(() => loading);
        HealthCheckResult failed = await AssertStateAsync(client, HealthStatus.Unhealthy, "failed");
        Assert.IsType<IOException>(failed.Exception);
    }

    [Fact]
    public async Task A_load_that_failed_is_forgiven_once_one_succeeds()
    {
        ClientHarness harness = new("Hi.") { LoadFailure = new IOException("broken") };
        await Assert.ThrowsAsync<IOException>(() => harness.Client.LoadAsync());
        await AssertStateAsync(harness.Client, HealthStatus.Unhealthy, "failed");
        harness.LoadFailure = null;
        await harness.Client.LoadAsync();
        await AssertStateAsync(harness.Client, HealthStatus.Healthy, "ready");
        harness.Client.Dispose();
        await AssertStateAsync(harness.Client, HealthStatus.Unhealthy, "failed");
    }

    [Fact]
    public async Task A_full_queue_is_overloaded_and_says_by_how_many()
    {
        using SemaphoreSlim steps = new(0);
        FakeEngine engine = new(new EngineLimits(64, 1, 16, 256), ClientHarness.Words.VocabularySize)
        {
            OnForward = _ => steps.Wait(),
        };
        LocalGenerator generator = new(engine, options: new() { MaxQueued = 1 });
        await using SmolLM3ChatClient client = Client(new SharedModel(() => new LoadedModel
        {
            Tokenizer = ClientHarness.Words,
            Vocabulary = new ChatVocabulary(ClientHarness.Words),
            Generator = generator,
            Model = engine.Model,
            Engine = engine.Info,
            ContextLength = 64,
        }));
        await client.LoadAsync();
        Task[] requests = [ReadAsync(generator), ReadAsync(generator)];
        HealthCheckResult result = await AssertStateAsync(client, HealthStatus.Degraded, "overloaded");
        Assert.Equal(2, (int)result.Data["running"] + (int)result.Data["waiting"]);
        Assert.Equal(256, result.Data["capacity_tokens"]);
        steps.Release(1_000);
        await Task.WhenAll(requests);
        await AssertStateAsync(client, HealthStatus.Healthy, "ready");
    }

    [Fact]
    public async Task Checks_are_added_by_name_and_key()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSmolLM3(options => options.Model = "there.gguf");
        services.AddKeyedSmolLM3("second", options => options.Model = "");
        services.AddHealthChecks()
            .AddSmolLM3(tags: ["ready"])
            .AddSmolLM3("second", "second", HealthStatus.Degraded)
            .AddSmolLM3("third", "third");
        await using ServiceProvider provider = services.BuildServiceProvider();
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        HealthReportEntry first = report.Entries["smollm3"];
        Assert.Equal((HealthStatus.Healthy, "ready"), (first.Status, first.Tags.Single()));
        Assert.Equal(HealthStatus.Degraded, report.Entries["second"].Status);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["third"].Status);
        Assert.Contains("AddKeyedSmolLM3", report.Entries["third"].Exception!.Message);
    }

    private static SmolLM3ChatClient Client(SharedModel model)
    {
        Assert.True(model.TryHold());
        return new(
            new SmolLM3Options().UseModel("model", () => Stream.Null),
            _ => model,
            new RecordingLoggerFactory(),
            TimeProvider.System);
    }

    private static async Task ReadAsync(LocalGenerator generator)
    {
        await foreach (GeneratedToken _ in generator.GenerateAsync(LoopHarness.Request([1, 2])))
        {
        }
    }

    private static async Task<HealthCheckResult> AssertStateAsync(
        SmolLM3ChatClient client, HealthStatus status, string state)
    {
        SmolLM3HealthCheck check = new(() => client);
        HealthCheckContext context = new() { Registration = new("smollm3", check, HealthStatus.Unhealthy, tags: null) };
        HealthCheckResult result = await check.CheckHealthAsync(context);
        Assert.Equal((status, state), (result.Status, result.Data["state"]));
        return result;
    }
}
