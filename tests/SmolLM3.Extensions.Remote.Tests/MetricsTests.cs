using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Remote.Tests.StandIns;
using SmolLM3.Extensions.Tests.Telemetry;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>What is measured of requests to servers: as of those computed here.</summary>
public sealed class MetricsTests(TinyGenerator tiny) : IClassFixture<TinyGenerator>
{
    [Fact]
    public async Task Requests_are_measured_by_their_tokens_times_and_ends()
    {
        await using Vllm server = new(tiny.Model) { ModelName = nameof(MetricsTests) };
        await server.StartAsync();
        using MeterProbe probe = new(server.ModelName);
        using SmolLM3ChatClient client = new(
            new SmolLM3Options().UseTinyModel().UseServer(server.Address, options => options.Retries = 0));
        ChatOptions greedy = new() { Temperature = 0 };

        UsageDetails[] usages =
        [
            (await client.GetResponseAsync("Tell me of metrics.", greedy)).Usage!,
            (await client.GetResponseAsync("Tell me of metrics.", greedy)).Usage!,
        ];
        server.Fault = Fault.Status;
        await Assert.ThrowsAsync<ServerException>(() => client.GetResponseAsync("Hello!", greedy));

        Assert.Equal(usages.Select(usage => (double)usage.OutputTokenCount!), probe["smollm3.output.tokens"][..2]);
        Assert.Equal(usages.Select(usage => (double)usage.InputTokenCount!), probe["smollm3.prompt.tokens"][..2]);
        Assert.Equal(usages.Select(usage => (double)usage.CachedInputTokenCount!), probe["smollm3.prompt.cached_tokens"][..2]);
        Assert.True(usages[1].CachedInputTokenCount > 0);
        Assert.Equal(2, probe["gen_ai.server.time_to_first_token"].Length);
        Assert.Equal(2, probe["gen_ai.server.time_per_output_token"].Length);
        Assert.Equal([null, null, typeof(ServerException).FullName], probe.Errors);
    }
}
