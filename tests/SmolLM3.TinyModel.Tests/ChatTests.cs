using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.TinyModel;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.TinyModelTests;

/// <summary>The whole way, on real weights.</summary>
public class ChatTests(TinyClient tiny) : IClassFixture<TinyClient>
{
    [Fact]
    public async Task It_answers()
    {
        ChatResponse response = await tiny.Ask("Who are you?");
        Assert.Contains("SmolLM", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task It_streams_a_thought_calls_a_function_and_answers_from_its_result()
    {
        List<string> cities = [];
        AIFunction weather = AIFunctionFactory.Create(
            (string city) =>
            {
                cities.Add(city);
                return "Sunny, 24 degrees";
            },
            "GetWeather",
            "Gets the weather of a city.");
        using IChatClient agent = new ChatClientBuilder(new NotDisposed(tiny.Client)).UseFunctionInvocation().Build();
        ChatOptions options = TinyClient.Thinking(TinyClient.Greedy);
        options.Tools = [weather];
        List<ChatResponseUpdate> updates =
            await agent.GetStreamingResponseAsync("What is the weather in Lisbon?", options).ToListAsync();

        Assert.Equal(["Lisbon"], cities);
        Assert.IsType<TextReasoningContent>(updates[0].Contents[0]);
        ChatResponse response = updates.ToChatResponse();
        Assert.Contains("24", response.Text);
        Assert.Contains("Lisbon", response.Text);
        Assert.Equal(3, response.Messages.Count);
        Assert.True(response.Usage!.ReasoningTokenCount > 0);
    }

    [Fact]
    public async Task The_second_round_of_a_tool_loop_finds_the_first_ones_prefix()
    {
        AIFunction weather =
            AIFunctionFactory.Create((string city) => "Rainy, 12 degrees", "GetWeather", "Gets the weather of a city.");
        ChatOptions options = TinyClient.Greedy;
        options.Tools = [weather];
        List<ChatMessage> messages = [new(ChatRole.User, "What is the weather in Oslo?")];
        ChatResponse first = await tiny.Client.GetResponseAsync(messages, options);
        FunctionCallContent call = Assert.Single(first.Messages[0].Contents.OfType<FunctionCallContent>());
        messages.AddMessages(first);
        messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, "Rainy, 12 degrees")]));
        ChatResponse second = await tiny.Client.GetResponseAsync(messages, options);

        // All of the first prompt and answer but the token that ended it.
        Assert.True(second.Usage!.CachedInputTokenCount >= first.Usage!.TotalTokenCount - 1);
        Assert.Contains("12", second.Text);
    }

    [Fact]
    public async Task Many_at_once_say_what_each_says_alone()
    {
        string[] questions =
        [
            .. Enumerable.Range(1, 12).Select(i => $"What is {i} + {i + 2}?"),
            "Hello!", "Who are you?", "Was ist 3 + 4?", "Bonjour !",
        ];
        ChatOptions options = new() { MaxOutputTokens = 60, Seed = 5, Temperature = 0.8f };
        List<string> alone = [];
        foreach (string question in questions)
        {
            alone.Add((await tiny.Ask(question, options)).Text);
        }

        ChatResponse[] together =
            await Task.WhenAll(questions.Select(question => Task.Run(() => tiny.Ask(question, options))));
        Assert.Equal(alone, together.Select(response => response.Text));
    }

    [Fact]
    public async Task A_seed_repeats_an_answer_and_no_seed_varies_it()
    {
        ChatOptions free = new() { MaxOutputTokens = 40, Temperature = 2, TopP = 1 };
        ChatOptions seeded = new() { MaxOutputTokens = 40, Temperature = 2, TopP = 1, Seed = 11 };
        Assert.Equal(
            (await tiny.Ask("Tell me something", seeded)).Text, (await tiny.Ask("Tell me something", seeded)).Text);
        Assert.NotEqual(
            (await tiny.Ask("Tell me something", free)).Text, (await tiny.Ask("Tell me something", free)).Text);
    }

    [Fact]
    public async Task A_stop_sequence_across_tokens_ends_the_answer()
    {
        string whole = (await tiny.Ask("Who are you?")).Text;
        Assert.True(whole.Length > 12, whole);
        string stop = whole[5..11];
        ChatOptions options = TinyClient.Greedy;
        options.StopSequences = [stop];
        ChatResponse cut = await tiny.Ask("Who are you?", options);
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)].TrimEnd(), cut.Text.TrimEnd());
        Assert.Equal(ChatFinishReason.Stop, cut.FinishReason);
    }

    [Fact]
    public async Task A_token_limit_ends_the_answer_with_length()
    {
        ChatResponse response = await tiny.Ask("Who are you?", new() { Temperature = 0, MaxOutputTokens = 3 });
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(3, response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task Characters_of_several_bytes_come_whole()
    {
        // Nearly a token a byte, and the model is made to say them in this order: each is favoured less than the one
        // before, and out of favour once it was said.
        const string text = "🙂東ñ";
        int[] ids = tiny.Client.GetService<Tokenizer>()!.Encode(text);
        Assert.Equal(8, ids.Distinct().Count());
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = ids.Length };
        options.AdditionalProperties = new()
        {
            ["logit_bias"] = ids.Select((id, i) => KeyValuePair.Create(id, 1_000f - (50 * i))).ToDictionary(),
            ["repetition_penalty"] = 10,
        };
        List<ChatResponseUpdate> updates =
            await tiny.Client.GetStreamingResponseAsync("Hello!", options).ToListAsync();

        Assert.Equal(["🙂", "東", "ñ"], updates.Select(update => update.Text).Where(part => part.Length > 0));
        Assert.Equal(text, (await tiny.Ask("Hello!", options)).Text);
    }

    [Fact]
    public async Task A_required_tool_is_called_even_when_nothing_asks_for_it()
    {
        AIFunction weather =
            AIFunctionFactory.Create((string city) => "Sunny", "GetWeather", "Gets the weather of a city.");
        AIFunction time =
            AIFunctionFactory.Create((string city) => "12:00", "GetCurrentTime", "Gets the current time in a city.");
        foreach (bool thinks in new[] { false, true })
        {
            ChatOptions options = thinks ? TinyClient.Thinking(TinyClient.Greedy) : TinyClient.Greedy;
            options.Tools = [weather, time];
            options.ToolMode = ChatToolMode.RequireSpecific("GetCurrentTime");
            ChatResponse response = await tiny.Ask("What is the weather in Rome?", options);
            FunctionCallContent call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
            Assert.Equal("GetCurrentTime", call.Name);
            Assert.Equal(thinks, response.Messages[0].Contents.OfType<TextReasoningContent>().Any());

            options.ToolMode = ChatToolMode.None;
            ChatResponse none = await tiny.Ask("What is the weather in Rome?", options);
            Assert.Empty(none.Messages[0].Contents.OfType<FunctionCallContent>());
        }
    }

    [Fact]
    public async Task A_spent_thinking_budget_closes_the_thought()
    {
        ChatOptions options = TinyClient.Greedy;
        options.AdditionalProperties = new() { ["thinking_budget"] = 3 };
        ChatResponse response = await tiny.Ask("What is 3 + 4?", options);
        Assert.InRange(response.Usage!.ReasoningTokenCount!.Value, 3, 5);
        Assert.NotEqual("", response.Text);
    }

    [Fact]
    public async Task A_long_prompt_can_be_cancelled_halfway_and_others_go_on()
    {
        using CancellationTokenSource source = new();
        ConcurrentQueue<int> cancelledAfter = [];
        using LogListener log = new((message, values) =>
        {
            switch (message)
            {
                // Heard on the generator's thread: the first of the steps this prompt takes is computed next.
                case nameof(GenerationLog.Started) when values["Tokens"] is > 1_000:
                    source.Cancel();
                    break;
                case nameof(GenerationLog.Cancelled):
                    cancelledAfter.Enqueue((int)values["Generated"]!);
                    break;
            }
        });

        // A pool of its own: a model shared with another test would log where that one does.
        SmolLM3Options model = new SmolLM3Options().UseTinyModel();
        await using SmolLM3ChatClient client =
            new(model, new ModelPool(), ManagedEngineFactory.Instance, log, TimeProvider.System);
        await client.LoadAsync();
        string text = string.Concat(Enumerable.Repeat("The weather is fine. ", 300));
        Task<ChatResponse> beside = client.GetResponseAsync("Who are you?", TinyClient.Greedy);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetResponseAsync(text, TinyClient.Greedy, source.Token));
        Assert.Contains("SmolLM", (await beside).Text);
        Assert.Contains("SmolLM", (await client.GetResponseAsync("Who are you?", TinyClient.Greedy)).Text);
        Assert.Equal([0], cancelledAfter);
    }

    [Fact]
    public async Task Bad_requests_leave_the_client_serving()
    {
        int context = 0;
        PromptTooLongException tooLong = await Assert.ThrowsAsync<PromptTooLongException>(
            () => tiny.Ask(string.Concat(Enumerable.Repeat("word and ", 40_000))));
        context = tooLong.ContextLength;
        Assert.True(tooLong.PromptTokens > context);
        Assert.Contains(context.ToString(System.Globalization.CultureInfo.InvariantCulture), tooLong.Message);

        await Assert.ThrowsAsync<UnsupportedContentException>(() => tiny.Client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])]));
        await Assert.ThrowsAsync<UnknownModelException>(() => tiny.Ask("Hi", new() { ModelId = "other" }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => tiny.Ask("Hi", new() { Temperature = -1 }));
        int vocabulary = tiny.Client.GetService<Tokenizer>()!.VocabularySize;
        await Assert.ThrowsAnyAsync<ArgumentException>(() => tiny.Ask("Hi", new()
        {
            AdditionalProperties = new() { ["logit_bias"] = new Dictionary<int, float> { [vocabulary] = 1 } },
        }));
        Assert.Contains("SmolLM", (await tiny.Ask("Who are you?")).Text);
    }

    [Theory]
    [InlineData("""{"const":"😀"}""")]
    [InlineData("""{"type":"object","properties":{"answer":{"const":true}},"required":["answer"]}""")]
    public async Task Log_probabilities_are_of_every_token_and_their_bytes_are_the_answer(string schema)
    {
        ChatOptions options = TinyClient.Greedy;
        options.Reasoning = new() { Effort = ReasoningEffort.None };
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(schema));
        string plain = (await tiny.Ask("What is 3 + 4?", options)).Text;
        options.AdditionalProperties = new() { ["top_logprobs"] = 1 };
        ChatResponse response = await tiny.Ask("What is 3 + 4?", options);
        var tokens = (JsonElement)response.Messages[0].AdditionalProperties!["top_logprobs"]!;
        byte[] bytes = [.. tokens.EnumerateArray().SelectMany(token => token.GetProperty("bytes").EnumerateArray())
            .Select(part => part.GetByte())];

        Assert.Equal(plain, response.Text);
        Assert.Equal(response.Text, System.Text.Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public async Task An_output_too_short_for_a_thought_is_an_answer()
    {
        ChatOptions options = TinyClient.Greedy;
        options.Reasoning = new() { Effort = ReasoningEffort.Low };
        options.MaxOutputTokens = 8;
        ChatResponse response = await tiny.Ask("What is 3 + 4?", options);

        Assert.StartsWith("3 + 4 = 7", response.Text, StringComparison.Ordinal);
        Assert.Equal(0, response.Usage!.ReasoningTokenCount ?? 0);
    }

    [Fact]
    public async Task Log_probabilities_are_of_the_models_own_distribution()
    {
        ChatOptions options = TinyClient.Greedy;
        options.AdditionalProperties = new() { ["top_logprobs"] = 3 };
        ChatResponse response = await tiny.Ask("What is 3 + 4?", options);
        var tokens = (JsonElement)response.Messages[0].AdditionalProperties!["top_logprobs"]!;
        Assert.Equal(response.Usage!.OutputTokenCount - 1, tokens.GetArrayLength());
        Assert.All(tokens.EnumerateArray(), token =>
        {
            Assert.Equal(3, token.GetProperty("top_logprobs").GetArrayLength());
            Assert.InRange(token.GetProperty("logprob").GetDouble(), -20, 0);
        });
    }
}
