using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using SmolLM3.Cli.Serving;

namespace SmolLM3.Cli.Tests.Serving;

/// <summary>Who is answered, and how much.</summary>
public sealed class AccessTests
{
    private const string Hello = """{"messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 2}""";

    [Theory]
    [InlineData(null, 401)]
    [InlineData("Bearer wrong", 401)]
    [InlineData("Bearer first-kex", 401)]
    [InlineData("Basic first-key", 401)]
    [InlineData("Bearer first-key", 200)]
    [InlineData("Bearer second-key", 200)]
    public async Task With_keys_only_their_owners_are_answered(string? header, int status)
    {
        await using RunningServer server = await RunningServer.StartAsync(new() { ApiKeys = ["first-key", "second-key"] });
        if (header is not null)
        {
            server.Http.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(header);
        }

        Assert.Equal(status, (int)(await server.PostAsync(Hello)).StatusCode);
        Assert.Equal(status, (int)(await server.Http.GetAsync("/v1/models")).StatusCode);
        Assert.Equal(status, (int)(await server.Http.GetAsync("/metrics")).StatusCode);
        Assert.Equal(200, (int)(await server.Http.GetAsync("/health")).StatusCode);
        Assert.Equal(200, (int)(await server.Http.GetAsync("/")).StatusCode);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.168.1.7")]
    public void Open_to_other_machines_it_does_not_start_without_keys(string address)
    {
        ServerSettings open = new() { Address = IPAddress.Parse(address) };

        var error = Assert.Throws<ArgumentException>(open.Validate);
        (open with { ApiKeys = ["key"] }).Validate();

        Assert.Contains("--api-key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_to_any_name_it_does_not_start_without_keys()
    {
        ServerSettings open = new() { HostNames = ["*"] };

        Assert.Contains("--api-key", Assert.Throws<ArgumentException>(open.Validate).Message, StringComparison.Ordinal);
        (open with { ApiKeys = ["key"] }).Validate();
    }

    [Theory]
    [InlineData("evil.example", 400)]
    [InlineData("localhost", 200)]
    [InlineData("localhost:81", 200)]
    [InlineData("[::1]:81", 200)]
    [InlineData("chat.example", 200)]
    public async Task On_loopback_it_answers_to_its_own_names_only(string host, int status)
    {
        await using RunningServer server = await RunningServer.StartAsync(new() { HostNames = ["chat.example"] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Host = host;

        HttpResponseMessage response = await server.Http.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Pages_of_other_origins_read_nothing_unless_they_are_named()
    {
        await using RunningServer closed = await RunningServer.StartAsync();
        await using RunningServer open = await RunningServer.StartAsync(new() { CorsOrigins = ["https://app.example"] });

        Assert.Null(await AllowedOriginAsync(closed, "https://app.example"));
        Assert.Equal("https://app.example", await AllowedOriginAsync(open, "https://app.example"));
        Assert.Null(await AllowedOriginAsync(open, "https://evil.example"));

        static async Task<string?> AllowedOriginAsync(RunningServer server, string origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
            HttpResponseMessage response = await server.Http.SendAsync(request);
            return response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? values)
                ? values.Single() : null;
        }
    }

    [Fact]
    public async Task Bodies_beyond_the_limit_are_refused()
    {
        await using RunningServer server = await RunningServer.StartAsync(new() { MaxBodyBytes = 1000 });

        HttpResponseMessage response = await server.PostAsync(Hello + new string(' ', 1000));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("request_too_large", await CodeOf(response));
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(Hello)).StatusCode);
    }

    [Fact]
    public async Task Each_key_has_its_own_rate()
    {
        await using RunningServer server =
            await RunningServer.StartAsync(new() { ApiKeys = ["a", "b"], RequestsPerMinute = 1 });

        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", "a");
        HttpResponseMessage first = await server.PostAsync(Hello);
        HttpResponseMessage second = await server.PostAsync(Hello);
        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", "b");
        HttpResponseMessage other = await server.PostAsync(Hello);

        Assert.Equal([200, 429, 200], [(int)first.StatusCode, (int)second.StatusCode, (int)other.StatusCode]);
        Assert.Equal("rate_limit_exceeded", await CodeOf(second));
        Assert.InRange(second.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
    }

    private static async Task<string?> CodeOf(HttpResponseMessage response) =>
        (await RunningServer.ReadAsync(response)).GetProperty("error").GetProperty("code").GetString();
}
