using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;

namespace SmolLM3.TinyModelTests;

/// <summary>Answers of a certain form, on real weights.</summary>
public class StructuredOutputTests(TinyClient tiny) : IClassFixture<TinyClient>
{
    private sealed record Person([property: Description("Full name")] string Name, int Age, Mood Mood, string[] Likes);

    private enum Mood
    {
        Calm,
        Merry,
        Sad,
    }

    [Fact]
    public async Task Records_enums_arrays_and_primitives_are_typed_answers()
    {
        ChatOptions options = new() { Temperature = 1, Seed = 3, MaxOutputTokens = 400 };
        Assert.True((await tiny.Client.GetResponseAsync<Mood>("How are you?", options)).TryGetResult(out Mood mood));
        Assert.True(Enum.IsDefined(mood));
        Assert.True((await tiny.Client.GetResponseAsync<bool>("Is it so?", options)).TryGetResult(out _));
        ChatResponse<Person> person = await tiny.Client.GetResponseAsync<Person>("Who is it?", options);
        Assert.Equal(
            person.FinishReason == ChatFinishReason.Stop, person.TryGetResult(out Person? found) && found is not null);
        ChatResponse<Mood[]> moods = await tiny.Client.GetResponseAsync<Mood[]>("Which moods are there?", options);
        Assert.Equal(moods.FinishReason == ChatFinishReason.Stop, moods.TryGetResult(out _));
    }

    [Fact]
    public async Task The_form_begins_after_the_thought()
    {
        ChatOptions options = TinyClient.Thinking(new() { Temperature = 0, MaxOutputTokens = 300 });
        options.ResponseFormat = Schema("""{"enum":["yes","no"]}""");
        ChatResponse response = await tiny.Ask("Is the sky blue?", options);

        Assert.NotEmpty(response.Messages[0].Contents.OfType<TextReasoningContent>());
        Assert.Contains(response.Text, (string[])["\"yes\"", "\"no\""]);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_tools_and_a_schema_it_calls_or_answers_in_that_form(bool isStreaming)
    {
        AIFunction weather =
            AIFunctionFactory.Create((string city) => "Sunny, 24 degrees", "GetWeather", "Gets the weather of a city.");
        int called = 0, answered = 0;
        foreach (string question in (string[])["What is the weather in Lisbon?", "Who are you?", "Hello!", "Weather in Oslo?"])
        {
            ChatOptions options = TinyClient.Greedy;
            options.Tools = [weather];
            options.ResponseFormat = Schema(
                """{"type":"object","properties":{"answer":{"type":"string","maxLength":60}},"required":["answer"]}""");
            ChatResponse response = isStreaming
                ? await tiny.Client.GetStreamingResponseAsync(question, options).ToChatResponseAsync()
                : await tiny.Client.GetResponseAsync(question, options);
            if (response.FinishReason == ChatFinishReason.ToolCalls)
            {
                called++;
                Assert.Equal("", response.Text);
                Assert.All(response.Messages[0].Contents.OfType<FunctionCallContent>(), call => Assert.Null(call.Exception));
            }
            else
            {
                answered++;
                Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
                Assert.NotNull(JsonElement.Parse(response.Text).GetProperty("answer").GetString());
            }
        }

        Assert.Equal(4, called + answered);
        Assert.True(called > 0, "Nothing was called.");
    }

    [Fact]
    public async Task An_answer_that_is_cut_off_is_text_and_says_so()
    {
        ChatResponse response = await tiny.Ask("Who are you?", new()
        {
            Temperature = 0,
            MaxOutputTokens = 6,
            ResponseFormat = Schema("""{"type":"array","items":{"type":"string"},"minItems":3}"""),
        });
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.StartsWith("[\"", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pattern_a_choice_and_a_constraint_of_ones_own_hold()
    {
        ChatResponse number = await tiny.Ask(
            "A number?", Raw(new SmolLM3RequestOptions { Regex = "[1-9][0-9]{2}-(a|b)" }));
        Assert.Matches("^[1-9][0-9]{2}-(a|b)$", number.Text);

        ChatResponse choice = await tiny.Ask(
            "Which?", Raw(new SmolLM3RequestOptions { Choices = ["the first of them", "the second", "élan"] }));
        Assert.Contains(choice.Text, (string[])["the first of them", "the second", "élan"]);

        await Assert.ThrowsAsync<ArgumentException>(() => tiny.Ask(
            "Which?", Raw(new SmolLM3RequestOptions { Regex = "a", Choices = ["a"] })));
        await Assert.ThrowsAsync<NotSupportedException>(() => tiny.Ask(
            "Which?", Raw(new SmolLM3RequestOptions { Regex = "(?=a)a" })));
    }

    [Fact]
    public async Task What_cannot_be_enforced_is_refused_before_anything_is_generated()
    {
        var refused = await Assert.ThrowsAsync<NotSupportedException>(() => tiny.Ask("Which?", new()
        {
            ResponseFormat = Schema("""{"type":"object","properties":{"a":{"not":{"type":"string"}}}}"""),
        }));
        Assert.Contains("#/properties/a/not", refused.Message);
    }

    [Fact]
    public async Task A_tool_loop_of_ten_turns_has_only_valid_calls()
    {
        int runs = 0;
        AIFunction weather = AIFunctionFactory.Create(
            (string city, Mood mood) => $"{++runs}: {city.Length} {mood}", "GetWeather", "Gets the weather of a city.");
        using IChatClient agent = new ChatClientBuilder(new NotDisposed(tiny.Client))
            .UseFunctionInvocation(configure: client => client.MaximumIterationsPerRequest = 3).Build();
        List<ChatMessage> messages = [];
        for (int turn = 0; turn < 10; turn++)
        {
            messages.Add(new(ChatRole.User, $"What is the weather in city {turn}?"));
            ChatResponse response = await agent.GetResponseAsync(messages, new()
            {
                Tools = [weather], Temperature = 1.5f, Seed = turn, MaxOutputTokens = 120,
                ToolMode = ChatToolMode.RequireAny,
            });
            messages.AddMessages(response);
            Assert.All(
                response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>(),
                call => Assert.Null(call.Exception));
        }

        Assert.All(
            messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>(),
            result => Assert.Null(result.Exception));
        Assert.True(runs > 0, "No call was run.");
    }

    [Fact]
    public async Task A_hundred_tools_at_once_are_told_apart()
    {
        ChatOptions options = new() { Temperature = 1, Seed = 1, MaxOutputTokens = 150, ToolMode = ChatToolMode.RequireAny };
        options.Tools = [.. Enumerable.Range(0, 100).Select(i => AIFunctionFactory.CreateDeclaration(
            $"tool_{i}", "", JsonElement.Parse("""{"type":"object","properties":{"n":{"type":"integer"}}}""")))];
        options.AllowMultipleToolCalls = false;
        ChatResponse response = await tiny.Ask("Which?", options);

        FunctionCallContent call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.StartsWith("tool_", call.Name);
        Assert.Null(call.Exception);
    }

    private static ChatOptions Raw(SmolLM3RequestOptions raw)
    {
        raw.Temperature ??= 1;
        raw.MaxOutputTokens ??= 60;
        return new ChatOptions { RawRepresentationFactory = _ => raw };
    }

    private static ChatResponseFormat Schema(string schema) =>
        ChatResponseFormat.ForJsonSchema(JsonElement.Parse(schema));
}
