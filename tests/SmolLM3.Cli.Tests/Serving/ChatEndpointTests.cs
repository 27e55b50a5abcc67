using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatMessage = OpenAI.Chat.ChatMessage;

namespace SmolLM3.Cli.Tests.Serving;

/// <summary>The tiny model, asked by OpenAI's client for .NET.</summary>
public sealed class ChatEndpointTests
{
    private const string Weather = """
        {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
        """;

    private static readonly ChatTool s_weather = ChatTool.CreateFunctionTool(
        "get_weather", "Gets the weather of a city.", BinaryData.FromString(Weather));

    private static readonly ChatTool s_time = ChatTool.CreateFunctionTool(
        "get_time", "Gets the time in a city.", BinaryData.FromString(Weather));

    [Fact]
    public async Task Answers_and_counts_what_it_cost()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ChatMessage[] messages = [new SystemChatMessage("Be brief."), new UserChatMessage("What is 3 + 4?")];

        ChatCompletion first = await server.OpenAI().CompleteChatAsync(messages, new() { Temperature = 0 });
        ChatCompletion again = await server.OpenAI().CompleteChatAsync(messages, new() { Temperature = 0 });

        Assert.Contains("7", first.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal((OpenAI.Chat.ChatFinishReason.Stop, "smollm3-tiny"), (first.FinishReason, first.Model));
        Assert.Equal(first.Usage.TotalTokenCount, first.Usage.InputTokenCount + first.Usage.OutputTokenCount);
        Assert.StartsWith("chatcmpl-", first.Id, StringComparison.Ordinal);
        Assert.InRange(again.Usage.InputTokenDetails.CachedTokenCount, 1, again.Usage.InputTokenCount);
    }

    [Fact]
    public async Task Streams_the_same_answer()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ChatMessage[] messages = [new UserChatMessage("Hello!")];
        ChatCompletionOptions options = new() { Seed = 5 };
        ChatCompletion whole = await server.OpenAI().CompleteChatAsync(messages, options);

        List<StreamingChatCompletionUpdate> updates =
            await server.OpenAI().CompleteChatStreamingAsync(messages, options).ToListAsync();

        Assert.Equal(
            whole.Content[0].Text,
            string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text)));
        Assert.Equal(OpenAI.Chat.ChatFinishReason.Stop, Assert.Single(updates, u => u.FinishReason is not null).FinishReason);
        Assert.Equal(whole.Usage.OutputTokenCount, Assert.Single(updates, u => u.Usage is not null).Usage.OutputTokenCount);
        Assert.Single(updates.Select(update => update.CompletionId).Distinct());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thoughts_stand_apart(bool streams)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using IChatClient client = server.OpenAI().AsIChatClient();
        ChatOptions options = new() { Temperature = 0, Reasoning = new() { Effort = ReasoningEffort.Low } };

        ChatResponse response = streams
            ? await client.GetStreamingResponseAsync("What is 3 + 4?", options).ToChatResponseAsync()
            : await client.GetResponseAsync("What is 3 + 4?", options);

        TextReasoningContent[] thoughts = [.. response.Messages.Single().Contents.OfType<TextReasoningContent>()];
        Assert.NotEqual("", string.Concat(thoughts.Select(thought => thought.Text)));
        Assert.DoesNotContain("think>", response.Text, StringComparison.Ordinal);
        Assert.True(response.Usage!.ReasoningTokenCount > 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_is_called_and_its_result_read(bool streams)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        List<string> asked = [];
        using IChatClient client = server.OpenAI().AsIChatClient().AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new()
        {
            Temperature = 0,
            Tools = [AIFunctionFactory.Create(
                (string city) =>
                {
                    asked.Add(city);
                    return "Sunny, 24 degrees";
                },
                "get_weather",
                "Gets the weather of a city.")],
        };

        ChatResponse response = streams
            ? await client.GetStreamingResponseAsync("What is the weather in Lisbon?", options).ToChatResponseAsync()
            : await client.GetResponseAsync("What is the weather in Lisbon?", options);

        Assert.Equal(["Lisbon"], asked);
        Assert.Contains("24", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_tool_must_be_called_though_the_question_asks_for_another()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ChatCompletionOptions options = new()
        {
            Temperature = 0, Tools = { s_weather, s_time }, ToolChoice = ChatToolChoice.CreateFunctionChoice("get_time"),
            AllowParallelToolCalls = false,
        };

        ChatCompletion completion = await server.OpenAI().CompleteChatAsync(
            [new UserChatMessage("What is the weather in Lisbon?")], options);

        Assert.Equal(OpenAI.Chat.ChatFinishReason.ToolCalls, completion.FinishReason);
        Assert.Equal("get_time", Assert.Single(completion.ToolCalls).FunctionName);
    }

    [Fact]
    public async Task Tool_choice_none_calls_nothing()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ChatCompletionOptions options = new()
        {
            Temperature = 0, Tools = { s_weather }, ToolChoice = ChatToolChoice.CreateNoneChoice(),
        };

        ChatCompletion completion = await server.OpenAI().CompleteChatAsync(
            [new UserChatMessage("What is the weather in Lisbon?")], options);

        Assert.Empty(completion.ToolCalls);
    }

    [Fact]
    public async Task A_schema_holds_the_answer()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ChatCompletionOptions options = new()
        {
            ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat("answer", BinaryData.FromString("""
                {"type": "object", "properties": {"sum": {"type": "integer", "minimum": 0, "maximum": 9}},
                 "required": ["sum"], "additionalProperties": false}
                """)),
        };

        ChatCompletion completion = await server.OpenAI().CompleteChatAsync([new UserChatMessage("3 + 4?")], options);

        JsonElement answer = JsonElement.Parse(completion.Content[0].Text);
        Assert.InRange(Assert.Single(answer.EnumerateObject()).Value.GetInt32(), 0, 9);
    }

    [Fact]
    public async Task Log_probabilities_come_for_each_token()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ChatCompletionOptions options = new() { Temperature = 0, IncludeLogProbabilities = true, TopLogProbabilityCount = 2 };

        ChatCompletion completion = await server.OpenAI().CompleteChatAsync([new UserChatMessage("Hello!")], options);

        Assert.Equal(
            completion.Content[0].Text,
            string.Concat(completion.ContentTokenLogProbabilities.Select(token => token.Token)).Trim());
        Assert.All(completion.ContentTokenLogProbabilities, token =>
        {
            Assert.InRange(token.LogProbability, -1e4f, 0);
            Assert.Equal(2, token.TopLogProbabilities.Count);
            Assert.Equal(token.Token, System.Text.Encoding.UTF8.GetString(token.Utf8Bytes!.Value.Span));
        });
    }

    [Fact]
    public async Task Length_and_stops_end_an_answer()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        ChatMessage[] messages = [new UserChatMessage("What is 3 + 4?")];

        ChatCompletion cut = await server.OpenAI().CompleteChatAsync(
            messages, new() { Temperature = 0, MaxOutputTokenCount = 2 });
        ChatCompletion stopped = await server.OpenAI().CompleteChatAsync(
            messages, new() { Temperature = 0, StopSequences = { "=" } });

        Assert.Equal((OpenAI.Chat.ChatFinishReason.Length, 2), (cut.FinishReason, cut.Usage.OutputTokenCount));
        Assert.Equal("3 + 4 ", stopped.Content[0].Text);
    }

    [Fact]
    public async Task Several_choices_differ_and_a_seed_repeats_them()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        const string request = """
            {"messages": [{"role": "user", "content": "Hello!"}], "n": 3, "seed": 11, "temperature": 2, "max_tokens": 12}
            """;

        JsonElement first = await server.AskAsync(request);
        JsonElement second = await server.AskAsync(request);

        string[] texts = TextsOf(first);
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal(texts, TextsOf(second));
        Assert.Equal([0, 1, 2], first.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("index").GetInt32()));
    }

    private static string[] TextsOf(JsonElement completion) => [.. completion.GetProperty("choices").EnumerateArray()
        .Select(choice => choice.GetProperty("message").GetProperty("content").GetString()!)];
}
