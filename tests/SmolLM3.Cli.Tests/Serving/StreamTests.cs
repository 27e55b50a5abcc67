using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using SmolLM3.Cli.Serving;

namespace SmolLM3.Cli.Tests.Serving;

/// <summary>The events of a stream, one by one.</summary>
public sealed class StreamTests
{
    private const string Hello = """{"messages": [{"role": "user", "content": "Hello!"}], "stream": true}""";

    [Fact]
    public async Task Tells_role_once_the_reason_last_and_then_the_usage()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        string[] events = await server.StreamAsync("""
            {"messages": [{"role": "user", "content": "Hello!"}], "stream": true, "n": 2,
             "stream_options": {"include_usage": true}}
            """);

        Assert.Equal("[DONE]", events[^1]);
        JsonElement usage = JsonElement.Parse(events[^2]);
        Assert.Equal(0, usage.GetProperty("choices").GetArrayLength());
        JsonElement[] chunks = [.. events[..^2].Select(data => JsonElement.Parse(data))];
        Assert.All(chunks, chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
        foreach (IGrouping<int, JsonElement> choice in chunks.Select(chunk => chunk.GetProperty("choices")[0])
            .GroupBy(choice => choice.GetProperty("index").GetInt32()))
        {
            JsonElement[] parts = [.. choice];
            Assert.True(parts[0].GetProperty("delta").TryGetProperty("role", out _));
            Assert.All(parts[1..], part => Assert.False(part.GetProperty("delta").TryGetProperty("role", out _)));
            Assert.All(parts[..^1], part => Assert.Equal(JsonValueKind.Null, part.GetProperty("finish_reason").ValueKind));
            Assert.Equal("stop", parts[^1].GetProperty("finish_reason").GetString());
        }

        JsonElement counts = usage.GetProperty("usage");
        Assert.Equal(
            counts.GetProperty("total_tokens").GetInt32(),
            counts.GetProperty("prompt_tokens").GetInt32() + counts.GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Calls_are_numbered_over_the_whole_stream()
    {
        await using RunningServer server = await RunningServer.StartAsync(client: new FakeChatClient((_, _) => Calls()));

        string[] events = await server.StreamAsync(Hello);

        JsonElement[] calls = [.. events[..^1]
            .Select(data => JsonElement.Parse(data).GetProperty("choices")[0].GetProperty("delta"))
            .Where(delta => delta.TryGetProperty("tool_calls", out _)).Select(delta => delta.GetProperty("tool_calls")[0])];
        Assert.Equal([0, 1], calls.Select(call => call.GetProperty("index").GetInt32()));
        Assert.Equal("""{"city":"Köln"}""", calls[0].GetProperty("function").GetProperty("arguments").GetString());

        static async IAsyncEnumerable<ChatResponseUpdate> Calls()
        {
            await Task.Yield();
            foreach (string id in (string[])["a", "b"])
            {
                Dictionary<string, object?> arguments = new() { ["city"] = "Köln" };
                yield return new(ChatRole.Assistant, [new FunctionCallContent(id, "f", arguments)]);
            }
        }
    }

    [Fact]
    public async Task What_fails_before_the_first_token_is_a_status()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage response = await server.PostAsync(
            $$"""{"messages": [{"role": "user", "content": "{{new string('x', 100_000)}}"}], "stream": true}""");

        Assert.Equal(400, (int)response.StatusCode);
        JsonElement error = (await RunningServer.ReadAsync(response)).GetProperty("error");
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task What_fails_later_is_an_event_and_the_stream_is_not_done()
    {
        await using RunningServer server = await RunningServer.StartAsync(client: new FakeChatClient((_, _) => Break()));

        string[] events = await server.StreamAsync(Hello);

        Assert.Equal(2, events.Length);
        JsonElement error = JsonElement.Parse(events[1]).GetProperty("error");
        Assert.Equal("internal_error", error.GetProperty("code").GetString());
        Assert.DoesNotContain("secret", events[1], StringComparison.Ordinal);

        static async IAsyncEnumerable<ChatResponseUpdate> Break()
        {
            yield return FakeChatClient.Text("Hel");
            await Task.Yield();
            throw new InvalidDataException("secret");
        }
    }

    [Fact]
    public async Task A_long_silence_is_filled_with_comments()
    {
        var time = new FakeTimeProvider();
        var go = new TaskCompletionSource();
        await using RunningServer server = await RunningServer.StartAsync(
            client: new FakeChatClient((_, _) => Wait()), time: time);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(Hello, System.Text.Encoding.UTF8, "application/json"),
        };

        Task<HttpResponseMessage> sending = server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        while (!sending.IsCompleted)
        {
            time.Advance(EventWriter.LongestSilence);
            await Task.Yield();
        }

        go.SetResult();
        string text = await (await sending).Content.ReadAsStringAsync();
        Assert.StartsWith(":\n\n", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);

        async IAsyncEnumerable<ChatResponseUpdate> Wait()
        {
            await go.Task;
            yield return FakeChatClient.Text("Hello");
        }
    }
}
