#pragma warning disable MEAI001 // Approval is marked as new by the framework.
using Microsoft.Extensions.AI;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests.Contract;

/// <summary>The framework's own loop of calls over the client.</summary>
public class FunctionInvocationTests
{
    private int _calls;

    private AIFunction Counted => AIFunctionFactory.Create(
        (string city) => $"{++_calls}: sunny in {city}", "get_weather", "Gets the weather.");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_required_function_runs_once_and_then_the_model_is_free(bool isStreaming)
    {
        ClientHarness harness = new(Call("get_weather", """{"city": "Lyon"}"""), "It is sunny.");
        ChatResponse response = await Loop(harness, isStreaming, new()
        {
            Tools = [Clock, Counted], ToolMode = ChatToolMode.RequireSpecific("get_weather"),
        });

        Assert.Equal(1, _calls);
        Assert.Equal("It is sunny.", response.Text);
        Assert.Equal(
            [ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], response.Messages.Select(message => message.Role));
        Assert.EndsWith(
            "<|im_start|>user\n1: sunny in Lyon<|im_end|>\n",
            harness.LastPrompt[..harness.LastPrompt.LastIndexOf("<|im_start|>assistant", StringComparison.Ordinal)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Usage_is_the_sum_of_the_rounds_and_each_round_a_message_of_its_own(bool isStreaming)
    {
        ClientHarness harness = new(Call("get_weather", """{"city": "Lyon"}"""), "It is sunny.");
        ChatResponse response = await Loop(harness, isStreaming, new() { Tools = [Counted] });

        Assert.Equal(harness.Generator.Requests.Sum(request => request.PromptTokens.Count), response.Usage!.InputTokenCount);
        Assert.Equal(response.Usage.InputTokenCount + response.Usage.OutputTokenCount, response.Usage.TotalTokenCount);
        Assert.NotEqual(response.Messages[0].MessageId, response.Messages[^1].MessageId);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Several_calls_at_once_are_told_apart(bool isConcurrent)
    {
        ClientHarness harness = new(
            Call("get_weather", """{"city": "Lyon"}""") + "\n" + Call("get_time", """{"city": "Nice"}"""), "So it is.");
        ChatResponse response =
            await Loop(harness, isStreaming: true, new() { Tools = [Weather, Clock] }, isConcurrent: isConcurrent);

        Assert.Contains(
            "<|im_start|>user\nSunny in Lyon<|im_end|>\n<|im_start|>user\n12:00 in Nice<|im_end|>\n", harness.LastPrompt);
        string[] ids = [.. Contents<FunctionCallContent>(response).Select(call => call.CallId)];
        Assert.Equal(2, ids.Distinct().Count());
        Assert.Equal(ids, Contents<FunctionResultContent>(response).Select(result => result.CallId));
    }

    [Fact]
    public async Task In_the_last_round_the_tools_are_gone_and_so_are_calls()
    {
        string call = Call("get_weather", """{"city": "Lyon"}""");
        ClientHarness harness = new(call, "<tool_call>Enough.");
        ChatResponse response = await Loop(harness, isStreaming: false, new() { Tools = [Counted] }, rounds: 1);

        Assert.Equal(1, _calls);
        Assert.Equal("Enough.", response.Text);
        Assert.DoesNotContain("'name': 'get_weather'", harness.LastPrompt);
        Assert.Contains(call, harness.LastPrompt);
    }

    [Fact]
    public async Task A_function_that_fails_is_told_to_the_model()
    {
        AIFunction broken = AIFunctionFactory.Create(
            string (string city) => throw new InvalidOperationException("out of reach"), "get_weather", "Weather.");
        ClientHarness harness = new(Call("get_weather", """{"city": "Lyon"}"""), "I could not.");
        ChatResponse response = await Loop(harness, isStreaming: true, new() { Tools = [broken] });

        Assert.Equal("I could not.", response.Text);
        Assert.Contains("<|im_start|>user\nError: ", harness.LastPrompt);
        Assert.DoesNotContain("out of reach", harness.LastPrompt);
    }

    [Fact]
    public async Task A_declaration_ends_the_loop_with_its_call()
    {
        ClientHarness harness = new(Call("get_weather", """{"city": "Lyon"}"""));
        ChatResponse response = await Loop(harness, isStreaming: false, new() { Tools = [Counted.AsDeclarationOnly()] });

        Assert.Equal((0, 1), (_calls, harness.Generator.Requests.Count));
        Assert.Equal("get_weather", Assert.Single(Contents<FunctionCallContent>(response)).Name);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_waits_for_approval_and_goes_on_after_it(bool isApproved)
    {
        ClientHarness harness = new(Call("get_weather", """{"city": "Lyon"}"""), "So it is.");
        using IChatClient agent = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new() { Tools = [new ApprovalRequiredAIFunction(Counted)] };
        List<ChatMessage> messages = [new(ChatRole.User, "Weather?")];
        ChatResponse first = await agent.GetResponseAsync(messages, options);
        Assert.Equal(0, _calls);

        ToolApprovalRequestContent request = Assert.Single(Contents<ToolApprovalRequestContent>(first));
        messages.AddMessages(first);
        messages.Add(new(ChatRole.User, [request.CreateResponse(isApproved)]));
        ChatResponse second = await agent.GetResponseAsync(messages, options);
        Assert.Equal(isApproved ? 1 : 0, _calls);
        Assert.Equal("So it is.", second.Text);
        Assert.Contains(Call("get_weather", """{"city": "Lyon"}"""), harness.LastPrompt);
        Assert.Contains(isApproved ? "1: sunny in Lyon" : "rejected", harness.LastPrompt);
    }

    private static IEnumerable<T> Contents<T>(ChatResponse response) =>
        response.Messages.SelectMany(message => message.Contents).OfType<T>();

    private static async Task<ChatResponse> Loop(
        ClientHarness harness, bool isStreaming, ChatOptions options, int rounds = 40, bool isConcurrent = false)
    {
        using FunctionInvokingChatClient agent = new(harness.Client)
        {
            MaximumIterationsPerRequest = rounds, AllowConcurrentInvocation = isConcurrent,
        };
        ChatMessage[] question = [new(ChatRole.User, "Weather?")];
        return isStreaming
            ? await agent.GetStreamingResponseAsync(question, options).ToChatResponseAsync()
            : await agent.GetResponseAsync(question, options);
    }
}
