using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using SmolLM3.TinyModel;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

/// <summary>The whole way, on real weights.</summary>
public sealed class TinyModelTests : IDisposable
{
    private readonly WeatherPlugin _weather = new();
    private readonly SmolLM3ChatClient _client = new(new SmolLM3Options().UseTinyModel());
    private readonly Kernel _kernel;

    public TinyModelTests()
    {
        IKernelBuilder builder = Kernel.CreateBuilder().AddSmolLM3ChatCompletion(_client);
        builder.Plugins.AddFromObject(_weather, "Weather");
        _kernel = builder.Build();
    }

    private IChatCompletionService Service => _kernel.GetRequiredService<IChatCompletionService>();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_function_is_called_and_the_answer_is_made_of_its_result(bool streams)
    {
        ChatHistory history = Ask("What is the weather in Lisbon?");
        SmolLM3PromptExecutionSettings settings = Greedy(FunctionChoiceBehavior.Auto());
        settings.ReasoningEffort = ReasoningEffort.Low;
        string text;
        bool thinks;
        if (streams)
        {
            List<StreamingChatMessageContent> updates =
                await Service.GetStreamingChatMessageContentsAsync(history, settings, _kernel).ToListAsync();
            text = string.Concat(updates.Select(update => update.Content));
            thinks = updates.Any(update => update.Items.OfType<StreamingReasoningContent>().Any());
            Assert.Equal("stop", updates[^1].Metadata!["FinishReason"]);
        }
        else
        {
            ChatMessageContent answer = await Service.GetChatMessageContentAsync(history, settings, _kernel);
            text = answer.Content!;
            thinks = history[1].Items.OfType<ReasoningContent>().Any();
            Assert.Equal("stop", answer.Metadata!["FinishReason"]);
            Assert.True(Assert.IsType<UsageDetails>(answer.Metadata["Usage"]).ReasoningTokenCount > 0);
        }

        Assert.Equal(["Lisbon"], _weather.Cities);
        Assert.Contains("24", text);
        Assert.DoesNotContain("<think>", text);
        Assert.True(thinks);
        Assert.Equal([AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool], history.Select(m => m.Role));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_required_function_is_called_whatever_is_asked(bool streams)
    {
        SmolLM3PromptExecutionSettings one = Greedy(FunctionChoiceBehavior.Required(
            [_kernel.Plugins.GetFunction("Weather", "GetCurrentTime")], autoInvoke: false));
        SmolLM3PromptExecutionSettings named = Greedy(FunctionChoiceBehavior.Auto(autoInvoke: false));
        named.RequiredFunction = "Weather-GetCurrentTime";
        foreach (SmolLM3PromptExecutionSettings settings in new[] { one, named })
        {
            FunctionCallContent call = Assert.Single(await CallsAsync(settings, streams));
            Assert.Equal(("Weather", "GetCurrentTime"), (call.PluginName, call.FunctionName));
        }

        Assert.Empty(await CallsAsync(Greedy(FunctionChoiceBehavior.None()), streams));
        Assert.Empty(_weather.Cities);
    }

    [Fact]
    public async Task An_answer_is_held_to_a_schema_and_effort_none_does_not_think()
    {
        SmolLM3PromptExecutionSettings settings = Greedy(null);
        settings.ResponseFormat = JsonElement.Parse(
            """
            {"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}
            """);
        settings.ReasoningEffort = ReasoningEffort.None;
        ChatMessageContent answer = await Service.GetChatMessageContentAsync(Ask("Hello!"), settings, _kernel);
        Assert.True(JsonElement.Parse(answer.Content!).TryGetProperty("ok", out _), answer.Content);
        Assert.Empty(answer.Items.OfType<ReasoningContent>());
        Assert.Equal(0, ((UsageDetails)answer.Metadata!["Usage"]!).ReasoningTokenCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_turn_finds_the_last_ones_prefix(bool streams)
    {
        ChatHistory history = Ask("What is the weather in Oslo?");
        SmolLM3PromptExecutionSettings settings = Greedy(FunctionChoiceBehavior.Auto());
        if (streams)
        {
            history.AddAssistantMessage(string.Concat(await Service
                .GetStreamingChatMessageContentsAsync(history, settings, _kernel)
                .Select(update => update.Content).ToListAsync()));
        }
        else
        {
            history.Add(await Service.GetChatMessageContentAsync(history, settings, _kernel));
        }

        history.AddUserMessage("Who are you?");
        ChatMessageContent next = await Service.GetChatMessageContentAsync(history, settings, _kernel);
        UsageDetails usage = (UsageDetails)next.Metadata!["Usage"]!;

        // All but the new question and the mark that the answer begins, some twenty tokens.
        Assert.InRange((int)(usage.InputTokenCount! - usage.CachedInputTokenCount!).Value, 1, 40);
    }

    [Fact]
    public async Task A_token_limit_is_told_as_length()
    {
        SmolLM3PromptExecutionSettings settings = Greedy(null);
        settings.MaxTokens = 2;
        ChatMessageContent answer = await Service.GetChatMessageContentAsync(Ask("Who are you?"), settings);
        Assert.Equal("length", answer.Metadata!["FinishReason"]);
        Assert.Equal(2, ((UsageDetails)answer.Metadata["Usage"]!).OutputTokenCount);
    }

    private async Task<IEnumerable<FunctionCallContent>> CallsAsync(PromptExecutionSettings settings, bool streams)
    {
        ChatHistory history = Ask("What is the weather in Rome?");
        if (!streams)
        {
            return FunctionCallContent.GetFunctionCalls(
                await Service.GetChatMessageContentAsync(history, settings, _kernel));
        }

        FunctionCallContentBuilder calls = new();
        await foreach (var update in Service.GetStreamingChatMessageContentsAsync(history, settings, _kernel))
        {
            calls.Append(update);
        }

        return calls.Build();
    }

    private static SmolLM3PromptExecutionSettings Greedy(FunctionChoiceBehavior? choice) =>
        new() { Temperature = 0, MaxTokens = 200, FunctionChoiceBehavior = choice };

    private static ChatHistory Ask(string question)
    {
        ChatHistory history = [];
        history.AddUserMessage(question);
        return history;
    }
}
