#pragma warning disable MEAI001 // Some options are marked as new by the framework.
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Tests.Contract;

/// <summary>What the framework may put into a request.</summary>
public class RequestContractTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_are_enumerated_once(bool isStreaming)
    {
        ClientHarness harness = new("Hi");
        int enumerated = 0;
        IEnumerable<ChatMessage> Messages()
        {
            enumerated++;
            yield return new(ChatRole.User, "Hello");
        }

        ChatResponse response = isStreaming
            ? await harness.Client.GetStreamingResponseAsync(Messages()).ToChatResponseAsync()
            : await harness.Client.GetResponseAsync(Messages());
        Assert.Equal("Hi", response.Text);
        Assert.Equal(1, enumerated);
    }

    [Fact]
    public async Task A_conversation_of_a_service_is_none_of_its_business()
    {
        ClientHarness harness = new("Hi");
        List<ChatResponseUpdate> updates = await harness.StreamAll("Hello", new()
        {
            ConversationId = "there", AllowBackgroundResponses = true,
            ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }),
        });

        ChatResponse response = updates.ToChatResponse();
        Assert.Equal("Hi", response.Text);
        Assert.Null(response.ConversationId);
        Assert.All(updates, update => Assert.Null(update.ContinuationToken));
    }

    [Fact]
    public async Task Tools_that_a_service_would_run_are_left_out_and_the_others_stay()
    {
        AITool[] hosted =
        [
            new HostedWebSearchTool(), new HostedFileSearchTool(), new HostedImageGenerationTool(),
            new HostedToolSearchTool(), new HostedMcpServerTool("mcp", "https://example.org"), new StrangeTool(),
        ];
        ClientHarness harness = new("Hi");
        await harness.Ask("Hello", new() { Tools = [.. hosted, ClientHarness.Weather] });
        string mixed = harness.LastPrompt;
        await harness.Ask("Hello", new() { Tools = [ClientHarness.Weather] });
        Assert.Equal(harness.LastPrompt, mixed);

        await harness.Ask("Hello", new() { Tools = [.. hosted] });
        string alone = harness.LastPrompt;
        await harness.Ask("Hello");
        Assert.Equal(harness.LastPrompt, alone);
    }

    [Theory]
    [InlineData(ReasoningOutput.None, false)]
    [InlineData(ReasoningOutput.Summary, true)]
    [InlineData(ReasoningOutput.Full, true)]
    [InlineData(null, true)]
    public async Task Thoughts_are_told_as_asked_and_never_as_text(ReasoningOutput? output, bool isTold)
    {
        ClientHarness harness = new("<think>\nHm.\n</think>\nYes.");
        ChatResponse response = await harness.Ask(
            "Well?", new() { Reasoning = new() { Effort = ReasoningEffort.High, Output = output } });

        Assert.Equal("Yes.", response.Text);
        Assert.Equal(isTold, response.Messages.Single().Contents.OfType<TextReasoningContent>().Any());
        Assert.True(response.Usage!.ReasoningTokenCount > 0);
    }

    [Fact]
    public async Task Without_a_wish_there_is_no_thought_so_that_an_answer_is_one_text()
    {
        List<ChatMessage> history = [new(ChatRole.User, "Hello")];
        await history.AddMessagesAsync(new ClientHarness("Hi there, friend").Client.GetStreamingResponseAsync(history));

        Assert.Equal([ChatRole.User, ChatRole.Assistant], history.Select(message => message.Role));
        Assert.Equal("Hi there, friend", Assert.IsType<TextContent>(history[1].Contents.Single()).Text);
    }

    [Fact]
    public async Task Options_of_a_derived_kind_with_properties_of_others_serve_as_well()
    {
        ClientHarness harness = new("one two three");
        DerivedOptions options = new()
        {
            MaxOutputTokens = 2,
            AdditionalProperties = new() { ["stream_options"] = new Dictionary<string, object> { ["include_usage"] = true } },
        };
        List<ChatResponseUpdate> updates = await harness.StreamAll("Count", options);

        Assert.Equal(2, harness.LastRequest.MaxTokens);
        UsageContent usage = updates.SelectMany(update => update.Contents).OfType<UsageContent>().Single();
        Assert.Equal(usage.Details.InputTokenCount + usage.Details.OutputTokenCount, usage.Details.TotalTokenCount);
    }

    private sealed class DerivedOptions : ChatOptions;

    private sealed class StrangeTool : AITool
    {
        public override string Name => "strange";
    }
}
