using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Tests.Serving;

public sealed class CompletionEndpointTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task Text_and_its_token_ids_go_on_alike_whole_and_streamed()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        Tokenizer tokenizer = server.App.Services.GetRequiredService<IChatClient>().GetRequiredService<Tokenizer>();
        string ids = string.Join(", ", tokenizer.Encode("Hello! How can"));

        JsonElement text = await server.AskAsync(Body("\"Hello! How can\""), Path);
        JsonElement tokens = await server.AskAsync(Body($"[{ids}]"), Path);
        string[] events = await server.StreamAsync(
            Body("\"Hello! How can\"", "\"stream\": true, \"stream_options\": {\"include_usage\": true}"), Path);

        Assert.NotEqual("", TextOf(text));
        Assert.Equal(TextOf(text), TextOf(tokens));
        Assert.Equal(TextOf(text), string.Concat(events[..^2].Select(data => TextOf(JsonElement.Parse(data)))));
        JsonElement usage = JsonElement.Parse(events[^2]).GetProperty("usage");
        Assert.Equal(
            text.GetProperty("usage").GetProperty("completion_tokens").GetInt32(),
            usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal("text_completion", text.GetProperty("object").GetString());
        Assert.Equal("[DONE]", events[^1]);
    }

    [Fact]
    public async Task The_prompt_is_repeated_on_demand_and_choices_differ()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        JsonElement answer = await server.AskAsync("""
            {"prompt": "Hello!", "echo": true, "n": 3, "temperature": 2, "seed": 3, "max_tokens": 12}
            """, Path);

        string[] texts = [.. answer.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("text").GetString()!)];
        Assert.Equal(3, texts.Distinct().Count());
        Assert.All(texts, text => Assert.StartsWith("Hello!", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_probabilities_come_in_lists()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        JsonElement answer = await server.AskAsync(Body("\"Hello!\"", "\"logprobs\": 2"), Path);

        JsonElement lists = answer.GetProperty("choices")[0].GetProperty("logprobs");
        int count = lists.GetProperty("tokens").GetArrayLength();
        Assert.True(count > 0);
        Assert.Equal(count, lists.GetProperty("token_logprobs").GetArrayLength());
        Assert.All(
            lists.GetProperty("top_logprobs").EnumerateArray(),
            top => Assert.InRange(top.EnumerateObject().Count(), 1, 2));
    }

    [Theory]
    [InlineData("{}", "prompt")]
    [InlineData("""{"prompt": []}""", "prompt")]
    [InlineData("""{"prompt": ["a", "b"]}""", "prompt")]
    [InlineData("""{"prompt": "a", "suffix": "b"}""", "suffix")]
    [InlineData("""{"prompt": "a", "echo": true, "logprobs": 1}""", "logprobs")]
    public async Task What_cannot_be_honoured_is_refused(string body, string parameter)
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage response = await server.PostAsync(body, Path);

        Assert.Equal(400, (int)response.StatusCode);
        JsonElement error = (await RunningServer.ReadAsync(response)).GetProperty("error");
        Assert.Equal(parameter, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Ids_outside_the_vocabulary_are_refused()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        Assert.Equal(400, (int)(await server.PostAsync("""{"prompt": [99999999]}""", Path)).StatusCode);
    }

    private static string Body(string prompt, string more = "\"n\": 1") =>
        "{\"prompt\": " + prompt + ", \"temperature\": 0, \"max_tokens\": 8, " + more + "}";

    private static string TextOf(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("text").GetString()!;
}
