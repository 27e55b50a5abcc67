using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SmolLM3.Samples.Tests;

/// <summary>A server on this machine that speaks as OpenAI's chat completions do, as far as a tool loop needs it: it
/// calls the first tool for Lisbon, and then repeats what the tool said.</summary>
internal sealed class OpenAIStandIn : IAsyncDisposable
{
    public const string Model = "stand-in-1";
    public const string Key = "sk-test";

    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public OpenAIStandIn()
    {
        Endpoint = $"http://127.0.0.1:{FindPort()}/v1";
        _listener.Prefixes.Add(Endpoint + "/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Endpoint { get; }

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<JsonNode> Requests { get; } = [];

    /// <summary>Command line of a sample that is to use it.</summary>
    public string[] Arguments =>
        ["--Chat:OpenAI:Endpoint", Endpoint, "--Chat:OpenAI:Model", Model, "--Chat:OpenAI:ApiKey", Key];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private static int FindPort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using HttpListenerResponse response = context.Response;
        if (context.Request.Headers["Authorization"] != $"Bearer {Key}"
            || !context.Request.Url!.AbsolutePath.EndsWith("/v1/chat/completions", StringComparison.Ordinal))
        {
            response.StatusCode = (int)HttpStatusCode.Unauthorized;
            return;
        }

        JsonNode request = (await JsonNode.ParseAsync(context.Request.InputStream))!;
        Requests.Enqueue(request);
        (JsonNode delta, string finish) = Reply(request);
        response.ContentType = "text/event-stream";
        string events = Event(delta, null) + Event(new JsonObject(), finish) + "data: [DONE]\n\n";
        await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(events));
    }

    private static (JsonNode Delta, string Finish) Reply(JsonNode request)
    {
        JsonNode last = request["messages"]!.AsArray()[^1]!;
        if ((string?)last["role"] == "tool")
        {
            return (new JsonObject { ["role"] = "assistant", ["content"] = $"The cloud says: {Text(last)}." }, "stop");
        }

        JsonNode call = new JsonObject
        {
            ["index"] = 0,
            ["id"] = "call_1",
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = (string?)request["tools"]![0]!["function"]!["name"],
                ["arguments"] = """{"city":"Lisbon"}""",
            },
        };
        return (new JsonObject { ["role"] = "assistant", ["tool_calls"] = new JsonArray(call) }, "tool_calls");
    }

    // The content of a message is a text, or parts that have one.
    private static string Text(JsonNode message) => message["content"] is JsonArray parts
        ? string.Concat(parts.Select(part => (string?)part!["text"]))
        : (string)message["content"]!;

    private static string Event(JsonNode delta, string? finish) => "data: " + new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1_790_000_000,
        ["model"] = Model,
        ["choices"] = new JsonArray(
            new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }),
    }.ToJsonString(JsonSerializerOptions.Web) + "\n\n";
}
