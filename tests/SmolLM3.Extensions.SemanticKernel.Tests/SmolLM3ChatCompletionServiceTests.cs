using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using CallContent = Microsoft.Extensions.AI.FunctionCallContent;
using TextContent = Microsoft.Extensions.AI.TextContent;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

public class SmolLM3ChatCompletionServiceTests
{
    private static readonly AIContent[] Thoughtful = [new TextReasoningContent("Hm."), new TextContent("Yes.")];

    [Fact]
    public async Task A_message_has_its_thought_finish_reason_and_usage()
    {
        SmolLM3ChatCompletionService service = new(new ScriptedClient(Thoughtful));
        ChatMessageContent answer = await service.GetChatMessageContentAsync("Is it?");
        Assert.Equal("Hm.", Assert.IsType<ReasoningContent>(answer.Items[0]).Text);
        Assert.Equal("Yes.", answer.Content);
        Assert.Equal("length", answer.Metadata!["FinishReason"]);
        Assert.Equal(8, Assert.IsType<UsageDetails>(answer.Metadata["Usage"]).TotalTokenCount);
        Assert.Equal("response 0", answer.Metadata["Id"]);
        Assert.Equal(ScriptedClient.ModelId, answer.ModelId);
        Assert.Equal(ScriptedClient.ModelId, service.Attributes["ModelId"]);
    }

    [Fact]
    public async Task A_stream_has_its_thought_finish_reason_and_usage()
    {
        SmolLM3ChatCompletionService service = new(new ScriptedClient(Thoughtful));
        ChatHistory history = new("Be brief.");
        List<StreamingChatMessageContent> updates =
            await service.GetStreamingChatMessageContentsAsync(history).ToListAsync();
        Assert.Equal("Hm.", Assert.IsType<StreamingReasoningContent>(Assert.Single(updates[0].Items)).Text);
        Assert.Equal("Yes.", string.Concat(updates.Select(update => update.Content)));
        Assert.Equal("length", updates[^1].Metadata!["FinishReason"]);
        Assert.Equal(8, Assert.IsType<UsageDetails>(updates[^1].Metadata!["Usage"]).TotalTokenCount);
        Assert.DoesNotContain("Usage", updates[0].Metadata!.Keys);
        Assert.Single(history);
    }

    [Fact]
    public async Task Thoughts_of_a_history_reach_the_client_in_their_place()
    {
        ScriptedClient client = new([new TextContent("Ok.")]);
        ChatHistory history = [];
        history.AddUserMessage("Is it?");
        history.Add(new ChatMessageContent(AuthorRole.Assistant,
        [
            new ReasoningContent("Hm."),
            new Microsoft.SemanticKernel.TextContent("Yes."),
            new Microsoft.SemanticKernel.FunctionCallContent("GetWeather", "Weather", "1", new() { ["city"] = "Rome" }),
        ]));
        history.Add(new Microsoft.SemanticKernel.FunctionResultContent(
            "GetWeather", "Weather", "1", new InvalidOperationException("no network")).ToChatMessage());
        await new SmolLM3ChatCompletionService(client).GetChatMessageContentAsync(history);

        ChatMessage[] messages = client.Conversations[0];
        Assert.Equal("Hm.", Assert.IsType<TextReasoningContent>(messages[1].Contents[0]).Text);
        Assert.Equal("Yes.", Assert.IsType<TextContent>(messages[1].Contents[1]).Text);
        CallContent call = Assert.IsType<CallContent>(messages[1].Contents[2]);
        Assert.Equal("Weather_GetWeather", call.Name);
        Assert.Equal("Rome", call.Arguments!["city"]);
        var result = Assert.IsType<Microsoft.Extensions.AI.FunctionResultContent>(Assert.Single(messages[2].Contents));
        Assert.Equal("no network", result.Exception!.Message);
    }

    [Fact]
    public async Task A_call_that_was_cut_is_told_in_the_metadata()
    {
        SmolLM3ChatCompletionService service = new(new ScriptedClient(
            [new ErrorContent("The call was cut.") { ErrorCode = "incomplete_tool_call" }]));
        ChatMessageContent answer = await service.GetChatMessageContentAsync("Go on");
        Assert.Equal("The call was cut.", answer.Metadata!["Error"]);
        Assert.Equal("incomplete_tool_call", answer.Metadata["ErrorCode"]);
    }

    [Fact]
    public async Task A_broken_call_keeps_its_exception_there_and_back()
    {
        ScriptedClient client = new(
            [new CallContent("1", "GetWeather") { Exception = new JsonException("not JSON"), InformationalOnly = true }]);
        SmolLM3ChatCompletionService service = new(client);
        ChatHistory history = new("Be brief.");
        ChatMessageContent answer = await service.GetChatMessageContentAsync(history);
        Assert.Equal(
            "not JSON",
            Assert.Single(answer.Items.OfType<Microsoft.SemanticKernel.FunctionCallContent>()).Exception!.Message);
        history.Add(answer);
        await service.GetChatMessageContentAsync(history);
        CallContent call = Assert.Single(client.Conversations[1][1].Contents.OfType<CallContent>());
        Assert.True(call.InformationalOnly);
        Assert.Equal("not JSON", call.Exception!.Message);
    }

    [Fact]
    public async Task Null_is_refused_at_once()
    {
        Assert.Throws<ArgumentNullException>(() => new SmolLM3ChatCompletionService(null!));
        SmolLM3ChatCompletionService service = new(new ScriptedClient(Thoughtful));
        Assert.Throws<ArgumentNullException>(
            () => { service.GetStreamingChatMessageContentsAsync(null!); });
        await Assert.ThrowsAsync<ArgumentNullException>(() => service.GetChatMessageContentsAsync(null!));
    }
}
