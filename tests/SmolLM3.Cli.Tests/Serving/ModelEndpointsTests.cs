using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Tests.Serving;

public sealed class ModelEndpointsTests
{
    [Fact]
    public async Task The_served_model_is_listed()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        JsonElement all = await server.GetAsync("/v1/models");
        JsonElement one = await server.GetAsync("/v1/models/smollm3-tiny");

        JsonElement listed = Assert.Single(all.GetProperty("data").EnumerateArray());
        Assert.Equal(listed.GetRawText(), one.GetRawText());
        Assert.Equal("smollm3-tiny", one.GetProperty("id").GetString());
        Assert.True(one.GetProperty("max_model_len").GetInt32() > 0);
    }

    [Theory]
    [InlineData("owner/repo", 200)]
    [InlineData("owner%2Frepo", 200)]
    [InlineData("owner%2Fother", 404)]
    public async Task A_name_with_a_slash_is_found_however_it_is_written(string path, int status)
    {
        var client = new FakeChatClient((_, _) => AsyncEnumerable.Empty<ChatResponseUpdate>())
        {
            Metadata = new("fake", defaultModelId: "owner/repo"),
        };
        await using RunningServer server = await RunningServer.StartAsync(client: client);

        HttpResponseMessage response = await server.Http.GetAsync("/v1/models/" + path);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Health_says_that_it_is_ready()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        JsonElement health = await server.GetAsync("/health");

        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Equal("ready", health.GetProperty("state").GetString());
        Assert.True(health.GetProperty("capacity_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Metrics_count_what_was_generated()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        await server.AskAsync("""{"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 2}""");

        string metrics = await server.Http.GetStringAsync("/metrics");

        Assert.Contains("smollm3_output_tokens", metrics, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_is_kept_from_loading_anything_foreign()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage page = await server.Http.GetAsync("/");

        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
    }
}
