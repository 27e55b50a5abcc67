#pragma warning disable MEAI001 // Chat reducers are marked as new by the framework.
using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Telemetry;

namespace SmolLM3.Extensions.Tests.Hosting;

/// <summary>All of the framework's middleware in one host, on the tiny model.</summary>
public sealed class ComposedHostTests : IAsyncLifetime
{
    private readonly string _source = Guid.NewGuid().ToString();
    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly RecordingLoggerFactory _logs = new();
    private readonly DictionaryCache _cache = new();
    private readonly ActivityListener _listener;
    private readonly IHost _host;

    public ComposedHostTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == _source || source.Name == SmolLM3Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<ILoggerFactory>(_logs);
        builder.Services.AddSingleton<IDistributedCache>(_cache);

        // A reducer by count drops calls and their results, so it stands outside the loop of calls; the cache within it
        // keeps each round; what is measured and logged is what the model computes.
        builder.Services.AddSmolLM3(UseTiny)
            .UseChatReducer(new MessageCountingChatReducer(3))
            .UseFunctionInvocation()
            .UseDistributedCache()
            .UseOpenTelemetry(sourceName: _source)
            .UseLogging()
            .Use(inner => new RecordingClient(inner));
        _host = builder.Build();
    }

    private IChatClient Client => _host.Services.GetRequiredService<IChatClient>();

    private ConcurrentQueue<ChatMessage[]> Requests => Client.GetRequiredService<RecordingClient>().Requests;

    public async ValueTask InitializeAsync() => await _host.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _listener.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_part_does_its_work(bool isStreaming)
    {
        List<string> cities = [];
        ChatResponse response = await AskAsync(cities, isStreaming);
        Assert.Contains("24", response.Text);
        Assert.Equal(["Lisbon"], cities);

        // The reducer left the system message and three others; the second round has the call and its result.
        Assert.Equal([4, 6], Requests.Select(request => request.Length));
        Assert.Contains(_logs.Entries, entry => entry.Message.Contains(
            isStreaming ? "GetStreamingResponseAsync" : "GetResponseAsync", StringComparison.Ordinal));

        Activity[] chats = [.. _spans.Where(span => span.OperationName.StartsWith("chat", StringComparison.Ordinal))];
        Assert.Equal(2, chats.Length);
        AssertChat(chats[0], "tool_calls");
        AssertChat(chats[1], "stop");
        Assert.Equal(
            response.Usage!.InputTokenCount, chats.Sum(span => Number(span, "gen_ai.usage.input_tokens")));
        Assert.Equal(
            response.Usage.OutputTokenCount, chats.Sum(span => Number(span, "gen_ai.usage.output_tokens")));
        Activity tool = Assert.Single(_spans, span => span.OperationName == "execute_tool GetWeather");
        Assert.Equal(_source, tool.Source.Name);
        Assert.All(chats, chat => Assert.Single(
            _spans, span => span.OperationName == "smollm3.generate" && span.ParentSpanId == chat.SpanId));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_in_the_cache_skips_the_model_and_its_tools_still_run(bool isStreaming)
    {
        List<string> cities = [];
        ChatResponse first = await AskAsync(cities, isStreaming);
        Assert.Equal((2, 0), (Requests.Count, _cache.Hits));
        int spans = _spans.Count(span => span.OperationName.StartsWith("chat", StringComparison.Ordinal));

        ChatResponse second = await AskAsync(cities, isStreaming);
        Assert.Equal((2, 2), (Requests.Count, _cache.Hits));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.FinishReason, second.FinishReason);
        Assert.Equal(["Lisbon", "Lisbon"], cities);
        Assert.Equal(
            spans, _spans.Count(span => span.OperationName.StartsWith("chat", StringComparison.Ordinal)));

        await AskAsync(cities, isStreaming, seed: 2);
        Assert.True(Requests.Count > 2, "Another seed found the answer of the first.");
    }

    [Fact]
    public async Task A_request_that_fails_is_a_failed_span_and_not_kept()
    {
        ChatMessage[] tooLong = [new(ChatRole.User, string.Concat(Enumerable.Repeat("word ", 5000)))];
        for (int i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<PromptTooLongException>(() => Client.GetResponseAsync(tooLong));
        }

        Assert.Equal((2, 0), (Requests.Count, _cache.Hits));
        Activity[] chats = [.. _spans.Where(span => span.OperationName.StartsWith("chat", StringComparison.Ordinal))];
        Assert.Equal(2, chats.Length);
        Assert.All(chats, chat => Assert.Equal(
            (ActivityStatusCode.Error, typeof(PromptTooLongException).FullName),
            (chat.Status, chat.GetTagItem("error.type"))));
    }

    private static void UseTiny(SmolLM3Options options)
    {
        options.UseModel("tiny", () => File.OpenRead(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf")));
        options.Temperature = 0;
    }

    private static void AssertChat(Activity span, string finish)
    {
        Assert.Equal("smollm3", span.GetTagItem("gen_ai.provider.name"));
        Assert.Equal("tiny", span.GetTagItem("gen_ai.response.model"));
        Assert.Equal($"[\"{finish}\"]", span.GetTagItem("gen_ai.response.finish_reasons"));
        Assert.True(Number(span, "gen_ai.usage.input_tokens") > 0);
        Assert.True(Number(span, "gen_ai.usage.output_tokens") > 0);
    }

    private static long Number(Activity span, string tag) =>
        Convert.ToInt64(span.GetTagItem(tag), System.Globalization.CultureInfo.InvariantCulture);

    private async Task<ChatResponse> AskAsync(List<string> cities, bool isStreaming, long seed = 1)
    {
        AIFunction weather = AIFunctionFactory.Create(
            (string city) =>
            {
                cities.Add(city);
                return "Sunny, 24 degrees";
            },
            "GetWeather",
            "Gets the weather of a city.");
        ChatMessage[] conversation =
        [
            new(ChatRole.System, "You are a helpful assistant."),
            new(ChatRole.User, "Hello!"),
            new(ChatRole.Assistant, "Hello! How can I help you today?"),
            new(ChatRole.User, "How many days are in a week?"),
            new(ChatRole.Assistant, "A week has seven days."),
            new(ChatRole.User, "What is the weather in Lisbon?"),
        ];
        ChatOptions options = new() { Tools = [weather], Seed = seed, MaxOutputTokens = 200 };
        return isStreaming
            ? await Client.GetStreamingResponseAsync(conversation, options).ToChatResponseAsync()
            : await Client.GetResponseAsync(conversation, options);
    }
}
