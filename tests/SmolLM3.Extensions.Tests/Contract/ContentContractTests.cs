#pragma warning disable MEAI001 // Some contents are marked as new by the framework.
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Tests.Contract;

/// <summary>Contents the framework knows and the model does not: what other providers and middleware leave in a
/// conversation is passed over, not an error.</summary>
public class ContentContractTests
{
    private static readonly FunctionCallContent s_call = new("1", "get_weather");

    public static TheoryData<string> Kinds => [.. Others().Select(content => content.GetType().Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_it_does_not_know_is_left_out(string kind)
    {
        AIContent other = Others().Single(content => content.GetType().Name == kind);
        foreach (ChatRole role in new[] { ChatRole.User, ChatRole.Assistant, ChatRole.System, ChatRole.Tool })
        {
            ClientHarness harness = new("Hi");
            ChatResponse response = await harness.Client.GetResponseAsync(
            [
                new(role, [new TextContent("Before."), other]), new(ChatRole.User, [other, new TextContent("After.")]),
            ]);

            Assert.Equal("Hi", response.Text);
            Assert.Contains("Before.", harness.LastPrompt);
            Assert.Contains("<|im_start|>user\nAfter.<|im_end|>", harness.LastPrompt);
        }
    }

    [Fact]
    public async Task A_thought_of_another_provider_is_read_within_its_loop_with_its_secret_left_out()
    {
        ClientHarness harness = new("Hi");
        await harness.Client.GetResponseAsync(
            [
                new(ChatRole.User, "Weather?"),
                new(ChatRole.Assistant,
                [
                    new TextReasoningContent("I call.") { ProtectedData = "c2VjcmV0" },
                    new FunctionCallContent("1", "get_weather", new Dictionary<string, object?> { ["city"] = "Lyon" }),
                ]),
                new(ChatRole.Tool, [new FunctionResultContent("1", "Sunny")]),
            ],
            new() { Reasoning = new() { Effort = ReasoningEffort.Low }, Tools = [ClientHarness.Weather] });

        Assert.Contains("<think>\nI call.\n</think>", harness.LastPrompt);
        Assert.DoesNotContain("c2VjcmV0", harness.LastPrompt);
    }

    [Fact]
    public async Task Empty_messages_do_no_harm()
    {
        ClientHarness harness = new("3");
        ChatResponse response = await harness.Client.GetResponseAsync(
        [
            new(ChatRole.System, []), new(ChatRole.User, []), new(ChatRole.Assistant, []), new(ChatRole.Tool, []),
            new(ChatRole.User, "1 + 2?"),
        ]);

        Assert.Equal("3", response.Text);
        Assert.Contains("<|im_start|>user\n1 + 2?<|im_end|>", harness.LastPrompt);
    }

    [Fact]
    public async Task All_that_it_says_can_be_stored_as_the_framework_stores_it()
    {
        ClientHarness harness = new(
            "<think>\nHm.\n</think>\nI look.\n" + ClientHarness.Call("get_weather", """{"city": "Lyon"}"""));
        ChatResponse response = await harness.Ask(
            "Weather?",
            new()
            {
                Tools = [ClientHarness.Weather],
                Reasoning = new() { Effort = ReasoningEffort.Low },
                AdditionalProperties = new() { ["top_logprobs"] = 2 },
            });
        string json = JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions);
        ChatResponse stored = JsonSerializer.Deserialize<ChatResponse>(json, AIJsonUtilities.DefaultOptions)!;

        Assert.Equal(
            [typeof(TextReasoningContent), typeof(TextContent), typeof(FunctionCallContent)],
            stored.Messages.Single().Contents.Select(content => content.GetType()));
        Assert.Equal(json, JsonSerializer.Serialize(stored, AIJsonUtilities.DefaultOptions));
    }

    private static AIContent[] Others() =>
    [
        new StrangeContent(), new HostedFileContent("file"), new HostedVectorStoreContent("store"), new UsageContent(new()),
        new ErrorContent("old"), new McpServerToolCallContent("1", "tool", "server"), new McpServerToolResultContent("1"),
        new ToolApprovalRequestContent("r", s_call), new ToolApprovalResponseContent("r", true, s_call),
        new ImageGenerationToolCallContent("1"), new ImageGenerationToolResultContent("1"),
        new WebSearchToolCallContent("1"), new WebSearchToolResultContent("1"),
    ];

    private sealed class StrangeContent : AIContent;
}
