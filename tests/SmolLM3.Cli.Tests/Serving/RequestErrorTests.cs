using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Tests.Serving;

/// <summary>What is wrong with a request is told in OpenAI's form, with the field's name.</summary>
public sealed class RequestErrorTests
{
    private const string Messages = """
        "messages": [{"role": "user", "content": "Hi"}]
        """;

    [Theory]
    [InlineData("""{}""", "messages")]
    [InlineData("""{"messages": []}""", "messages")]
    [InlineData("""{"messages": [3]}""", "messages[0]")]
    [InlineData("""{"messages": [{"role": "hic", "content": "x"}]}""", "messages[0].role")]
    [InlineData("""{"messages": [{"role": "user"}]}""", "messages[0].content")]
    [InlineData("""{"messages": [{"role": "user", "content": 5}]}""", "messages[0].content")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages": [{"role": "tool", "content": "x"}]}""", "messages[0].tool_call_id")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": [{"id": "c"}]}]}""", "messages[0].tool_calls[0].function")]
    [InlineData("""{"messages": [{"role": "user", "content": "x", "content": "y"}]}""", "messages[0]")]
    [InlineData(
        """{"messages": [{"role": "assistant", "tool_calls": [{"id": "c", "type": "custom"}]}]}""",
        "messages[0].tool_calls[0].type")]
    public Task Messages_that_cannot_be_read(string body, string parameter) => AssertRefusedAsync(body, parameter);

    [Theory]
    [InlineData("\"temperature\": \"hot\"", "temperature")]
    [InlineData("\"temperature\": -1", "temperature")]
    [InlineData("\"top_p\": 2", "top_p")]
    [InlineData("\"min_p\": 7", "min_p")]
    [InlineData("\"max_tokens\": 0", "max_tokens")]
    [InlineData("\"max_completion_tokens\": 1.5", "max_completion_tokens")]
    [InlineData("\"n\": 0", "n")]
    [InlineData("\"n\": 1000", "n")]
    [InlineData("\"seed\": \"x\"", "seed")]
    [InlineData("\"stop\": [1]", "stop")]
    [InlineData("\"stop\": \"\"", "stop")]
    [InlineData("\"stream\": 1", "stream")]
    [InlineData("\"top_logprobs\": 2", "top_logprobs")]
    [InlineData("\"logprobs\": true, \"top_logprobs\": 21", "top_logprobs")]
    [InlineData("\"logit_bias\": {\"a\": 1}", "logit_bias")]
    [InlineData("\"reasoning_effort\": \"immense\"", "reasoning_effort")]
    [InlineData("\"chat_template_kwargs\": {\"enable_thinking\": 1}", "chat_template_kwargs.enable_thinking")]
    [InlineData("\"response_format\": {\"type\": \"hiccup\"}", "response_format.type")]
    [InlineData("\"response_format\": {\"type\": \"json_schema\"}", "response_format.json_schema")]
    [InlineData("\"tools\": {}", "tools")]
    [InlineData("\"tools\": [{\"type\": \"web_search\"}]", "tools[0].type")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {}}]", "tools[0].function.name")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a b\"}}]", "tools[0].function.name")]
    [InlineData(
        "\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\"}}, "
            + "{\"type\": \"function\", \"function\": {\"name\": \"f\"}}]",
        "tools")]
    [InlineData("\"tool_choice\": \"required\"", "tool_choice")]
    [InlineData("\"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"f\"}}", "tool_choice")]
    [InlineData("\"tool_choice\": \"sometimes\"", "tool_choice")]
    [InlineData("\"functions\": []", "functions")]
    [InlineData("\"modalities\": [\"audio\"]", "modalities")]
    public Task Fields_that_cannot_be_honoured(string field, string parameter) =>
        AssertRefusedAsync("{" + Messages + ", " + field + "}", parameter);

    [Theory]
    [InlineData("\"user\": \"\\ud800\"")]
    [InlineData("\"logit_bias\": {\"\\ud800\": 1}")]
    [InlineData("\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\": {\"\\udc00\": {}}}}]")]
    public async Task Half_characters(string field)
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage response = await server.PostAsync("{" + Messages + ", " + field + "}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("escape", (await ErrorOf(response)).GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_not_waited_for()
    {
        await using RunningServer server =
            await RunningServer.StartAsync(new() { BodyTimeout = TimeSpan.FromMilliseconds(50) });
        using var socket = new TcpClient(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);
        await using NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: 100\r\n\r\n{"));

        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 408 Request Timeout", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_mistake_and_compression_is()
    {
        await using RunningServer server = await RunningServer.StartAsync(client: FakeChatClient.Throws(new TimeoutException()));
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("{" + Messages + "}")];
        var marked = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        var packed = new ByteArrayContent(body)
        {
            Headers = { ContentType = new("application/json"), ContentEncoding = { "gzip" } },
        };

        Assert.Equal(504, (int)(await server.Http.PostAsync("/v1/chat/completions", marked)).StatusCode);
        Assert.Equal(415, (int)(await server.Http.PostAsync("/v1/chat/completions", packed)).StatusCode);
    }

    [Theory]
    [InlineData("{", 400, "application/json")]
    [InlineData("[]", 400, "application/json")]
    [InlineData("{}", 415, "text/plain")]
    public async Task Bodies_that_are_no_json_object(string body, int status, string mediaType)
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage response =
            await server.Http.PostAsync("/v1/chat/completions", new StringContent(body, Encoding.UTF8, mediaType));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotEqual("", (await ErrorOf(response)).GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("GET", "/v1/chat/completions", 405)]
    [InlineData("GET", "/v1/models/other", 404)]
    public async Task Addresses_that_are_not_there(string method, string path, int status)
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage response = await server.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("invalid_request_error", (await ErrorOf(response)).GetProperty("type").GetString());
    }

    [Fact]
    public async Task Another_model()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage response = await server.PostAsync("{" + Messages + ", \"model\": \"gpt-5\"}");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("model_not_found", (await ErrorOf(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Too_many_at_once_are_told_when_to_come_again()
    {
        await using RunningServer server = await RunningServer.StartAsync(
            client: FakeChatClient.Throws(new SmolLM3OverloadedException(3, 1, 2)));

        HttpResponseMessage response = await server.PostAsync("{" + Messages + "}");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.DoesNotContain("SmolLM3Options", (await ErrorOf(response)).GetProperty("message").GetString());
    }

    [Fact]
    public async Task What_took_too_long_is_504_and_what_nobody_expected_500_without_details()
    {
        FakeChatClient late = FakeChatClient.Throws(new TimeoutException("Slow."));
        await using RunningServer slow = await RunningServer.StartAsync(client: late);
        await using RunningServer broken =
            await RunningServer.StartAsync(client: FakeChatClient.Throws(new InvalidDataException("secret")));

        Assert.Equal(504, (int)(await slow.PostAsync("{" + Messages + "}")).StatusCode);
        HttpResponseMessage response = await broken.PostAsync("{" + Messages + "}");
        Assert.Equal(500, (int)response.StatusCode);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_model_is_loaded_requests_are_put_off()
    {
        await using RunningServer server = await RunningServer.StartAsync(loads: false);

        HttpResponseMessage response = await server.PostAsync("{" + Messages + "}");

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal("model_loading", (await ErrorOf(response)).GetProperty("code").GetString());
        Assert.Equal(503, (int)(await server.Http.GetAsync("/health")).StatusCode);
    }

    private static async Task AssertRefusedAsync(string body, string parameter)
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage response = await server.PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        JsonElement error = await ErrorOf(response);
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    private static async Task<JsonElement> ErrorOf(HttpResponseMessage response) =>
        (await RunningServer.ReadAsync(response)).GetProperty("error");
}
