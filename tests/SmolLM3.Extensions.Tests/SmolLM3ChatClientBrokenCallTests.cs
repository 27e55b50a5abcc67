using System.Text.Json;
using Microsoft.Extensions.AI;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>What a call that cannot be read does to the functions, to the conversation and to the caller. Only a
/// generator that knows no constraints says such calls.</summary>
public class SmolLM3ChatClientBrokenCallTests
{
    [Theory]
    [InlineData("{\"name\": \"ResetCart\", \"arguments\": {\"confirm\": fal", true)]
    [InlineData("{\"name\": \"ResetCart\", \"arguments\": {\"confirm\": fal", false)]
    [InlineData("{\"name\": \"ResetCart\", \"confirm\": false}", false)]
    [InlineData("{\"name\": \"ResetCart\", \"arguments\": {\"confirm\": \"\\ud83d\"}}", false)]
    public async Task It_runs_no_function(string broken, bool isStreaming)
    {
        bool isReset = false;
        AIFunction reset = AIFunctionFactory.Create((bool confirm = true) => { isReset = true; }, "ResetCart");
        ClientHarness harness = Free($"<tool_call>\n{broken}\n</tool_call>", "Sorry.");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new() { Tools = [reset] };
        ChatResponse response = isStreaming
            ? await client.GetStreamingResponseAsync("Empty it?", options).ToChatResponseAsync()
            : await client.GetResponseAsync("Empty it?", options);

        Assert.False(isReset);
        FunctionCallContent call =
            Assert.Single(response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>());
        Assert.Equal("ResetCart", call.Name);
        Assert.Equal(broken, call.AdditionalProperties!["raw_text"]!.ToString()!.Trim());
        Assert.IsType<FormatException>(call.Exception);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task A_good_call_beside_it_runs()
    {
        ClientHarness harness = Free(
            "<tool_call>\n{\"name\": \"get_time\"\n</tool_call>\n" + Call("get_weather", """{"city": "Lyon"}"""),
            "Sunny.");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse response = await client.GetResponseAsync("?", new() { Tools = [Weather, Clock] });

        Assert.Equal("Sunny.", response.Text);
        Assert.Contains("Sunny in Lyon", harness.LastPrompt);
        Assert.DoesNotContain("12:00", harness.LastPrompt);
        Assert.Contains(
            "<|im_start|>user\nError: The model wrote a tool call that is not valid JSON", harness.LastPrompt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unanswered_it_is_followed_by_what_is_wrong_stored_or_not(bool stored)
    {
        ClientHarness harness = Free("<tool_call>\n{\"name\": \"get_time\", \"city\": 1}\n</tool_call>", "Noon.");
        List<ChatMessage> messages = [new(ChatRole.User, "Time?")];
        messages.AddMessages(await harness.Client.GetResponseAsync(messages, new() { Tools = [Clock] }));
        if (stored)
        {
            string json = JsonSerializer.Serialize(messages, AIJsonUtilities.DefaultOptions);
            messages = JsonSerializer.Deserialize<List<ChatMessage>>(json, AIJsonUtilities.DefaultOptions)!;
        }

        messages.Add(new(ChatRole.User, "And?"));
        await harness.Client.GetResponseAsync(messages, new() { Tools = [Clock] });

        Assert.Contains(
            "</tool_call><|im_end|>\n<|im_start|>user\nError: The model wrote a tool call without \"arguments\", but not a "
            + "name alone.<|im_end|>\n<|im_start|>user\nAnd?",
            harness.LastPrompt);
    }

    [Fact]
    public async Task The_application_may_answer_it_and_ask_again()
    {
        ClientHarness harness = Free("<tool_call>\n{\"name\": \"get_time\"\n</tool_call>", "Noon.");
        List<ChatMessage> messages = [new(ChatRole.User, "Time?")];
        messages.AddMessages(await harness.Client.GetResponseAsync(messages, new() { Tools = [Clock] }));
        FunctionCallContent call = messages[^1].Contents.OfType<FunctionCallContent>().Single();
        messages.Add(new(
            ChatRole.Tool, [new FunctionResultContent(call.CallId, null) { Exception = call.Exception }]));
        ChatResponse response = await harness.Client.GetResponseAsync(messages, new() { Tools = [Clock] });

        Assert.Equal("Noon.", response.Text);
        Assert.Contains("Error: The model wrote a tool call that is not valid JSON", harness.LastPrompt);
    }

    [Theory]
    [InlineData("{\"x\": \"\\ud83d\"}")]
    [InlineData("\"{\\\"x\\\": \\\"\\ud83d\\\"}\"")]
    public async Task Half_a_surrogate_pair_in_it_leaves_the_conversation_whole(string arguments)
    {
        ClientHarness harness = Free(Call("get_weather", arguments), "Sunny.");
        List<ChatMessage> messages = [new(ChatRole.User, "Weather?")];
        messages.AddMessages(await harness.Client.GetResponseAsync(messages, new() { Tools = [Weather] }));
        messages.Add(new(ChatRole.User, "And?"));
        ChatResponse replayed = await harness.Client.GetResponseAsync(messages);
        messages[1] = new(ChatRole.Assistant, messages[1].Contents);
        ChatResponse rendered = await harness.Client.GetResponseAsync(messages);

        Assert.Equal(("Sunny.", "Sunny."), (replayed.Text, rendered.Text));
        Assert.Contains(arguments, harness.LastPrompt);
    }

    [Fact]
    public async Task One_that_the_model_left_open_does_not_ask_for_more_tokens()
    {
        ClientHarness harness = Free("<tool_call>\n{\"name\": \"get_weather\", \"argu");
        ChatResponse response = await harness.Ask("Weather?", new() { Tools = [Weather] });

        FunctionCallContent call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal("The model ended its answer within a tool call.", call.Exception!.Message);
    }
}
