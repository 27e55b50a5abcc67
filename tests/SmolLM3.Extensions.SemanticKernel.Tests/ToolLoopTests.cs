using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using SmolLM3.TinyModel;
using FunctionCallContent = Microsoft.SemanticKernel.FunctionCallContent;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

/// <summary>What the model reads when a history comes back: within a tool loop its thoughts, of earlier turns none.</summary>
public sealed class ToolLoopTests : IDisposable
{
    private readonly SmolLM3ChatClient _client = new(new SmolLM3Options().UseTinyModel());
    private readonly Kernel _kernel;

    public ToolLoopTests()
    {
        IKernelBuilder builder = Kernel.CreateBuilder().AddSmolLM3ChatCompletion(_client);
        builder.Plugins.AddFromObject(new WeatherPlugin(), "Weather");
        _kernel = builder.Build();
    }

    private IChatCompletionService Service => _kernel.GetRequiredService<IChatCompletionService>();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_loop_of_the_callers_own_reads_what_the_middleware_reads(bool streams, bool stores)
    {
        ChatMessageContent expected = await Service.GetChatMessageContentAsync(Question(), Settings(true), _kernel);

        ChatHistory history = Question();
        ChatMessageContent said = streams
            ? await FoldAsync(history)
            : await Service.GetChatMessageContentAsync(history, Settings(false), _kernel);
        UsageDetails first = Usage(said);
        Assert.True(first.ReasoningTokenCount > 0);
        history.Add(said);
        foreach (FunctionCallContent call in FunctionCallContent.GetFunctionCalls(said))
        {
            history.Add((await call.InvokeAsync(_kernel)).ToChatMessage());
        }

        if (stores)
        {
            history = JsonSerializer.Deserialize<ChatHistory>(JsonSerializer.Serialize(history))!;
            Assert.IsType<ReasoningContent>(history[1].Items[0]);
        }

        ChatMessageContent answer = await Service.GetChatMessageContentAsync(history, Settings(false), _kernel);
        Assert.Equal(expected.Content, answer.Content);
        Assert.Contains("24", answer.Content!);

        // Both rounds together are what the middleware's loop counts: the thought is there, token for token.
        Assert.Equal(Usage(expected).InputTokenCount, first.InputTokenCount + Usage(answer).InputTokenCount);
        Assert.True(Usage(answer).CachedInputTokenCount >= first.InputTokenCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thoughts_of_earlier_turns_are_not_read_again(bool stores)
    {
        long withThoughts = await CountNextAsync(_ => true, stores);
        long without = await CountNextAsync(item => item is not ReasoningContent, stores);
        Assert.Equal(without, withThoughts);
    }

    private async Task<long> CountNextAsync(Func<KernelContent, bool> keeps, bool stores)
    {
        ChatHistory history = Question();
        history.Add(await Service.GetChatMessageContentAsync(history, Settings(true), _kernel));
        Assert.Contains(history, message => message.Items.OfType<ReasoningContent>().Any());
        foreach (ChatMessageContent message in history)
        {
            message.Items = [.. message.Items.Where(keeps)];
        }

        if (stores)
        {
            history = JsonSerializer.Deserialize<ChatHistory>(JsonSerializer.Serialize(history))!;
        }

        history.AddUserMessage("Who are you?");
        return Usage(await Service.GetChatMessageContentAsync(history, Settings(true), _kernel)).InputTokenCount!.Value;
    }

    // As a caller folds a stream: text, thoughts and calls by the kernel's own means.
    private async Task<ChatMessageContent> FoldAsync(ChatHistory history)
    {
        FunctionCallContentBuilder calls = new();
        ChatMessageContent message = new(AuthorRole.Assistant, []);
        await foreach (var update in Service.GetStreamingChatMessageContentsAsync(history, Settings(false), _kernel))
        {
            calls.Append(update);
            message.Metadata = update.Metadata;
            foreach (StreamingReasoningContent thought in update.Items.OfType<StreamingReasoningContent>())
            {
                message.Items.Add(new ReasoningContent(thought.Text));
            }
        }

        ReasoningContent whole = new(string.Concat(message.Items.OfType<ReasoningContent>().Select(t => t.Text)));
        message.Items = [whole, .. calls.Build()];
        return message;
    }

    private static SmolLM3PromptExecutionSettings Settings(bool autoInvoke) => new()
    {
        Temperature = 0,
        MaxTokens = 200,
        ReasoningEffort = ReasoningEffort.Low,
        FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: autoInvoke),
    };

    private static UsageDetails Usage(ChatMessageContent message) => (UsageDetails)message.Metadata!["Usage"]!;

    private static ChatHistory Question()
    {
        ChatHistory history = [];
        history.AddUserMessage("What is the weather in Lisbon?");
        return history;
    }
}
