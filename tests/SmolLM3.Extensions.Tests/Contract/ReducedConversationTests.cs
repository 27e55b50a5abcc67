#pragma warning disable MEAI001 // Reducers are marked as new by the framework.
using Microsoft.Extensions.AI;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests.Contract;

/// <summary>The framework's reducers ask the client itself for a summary, and put it into the conversation.</summary>
public class ReducedConversationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_summary_takes_the_place_of_what_is_old(bool isStreaming)
    {
        ClientHarness harness = new("Alice likes to hike.", "You are Alice.");
        using IChatClient client = harness.Client.AsBuilder()
            .UseChatReducer(new SummarizingChatReducer(harness.Client, targetCount: 2, threshold: 0)).Build();
        ChatMessage[] messages =
        [
            new(ChatRole.System, "Be brief."), new(ChatRole.User, "I am Alice, and I hike."), new(ChatRole.Assistant, "Nice."),
            new(ChatRole.User, "Last summer I was in Peru."), new(ChatRole.Assistant, "Lovely."),
            new(ChatRole.User, "Who am I?"),
        ];
        ChatResponse response = isStreaming
            ? await client.GetStreamingResponseAsync(messages).ToChatResponseAsync()
            : await client.GetResponseAsync(messages);

        Assert.Equal("You are Alice.", response.Text);
        Assert.Equal(2, harness.Generator.Requests.Count);
        Assert.Contains("Be brief.", harness.LastPrompt);
        Assert.Contains("Alice likes to hike.<|im_end|>\n", harness.LastPrompt);
        Assert.DoesNotContain("I am Alice, and I hike.", harness.LastPrompt);
        Assert.Contains("Who am I?", harness.LastPrompt);
    }

    [Fact]
    public async Task Within_a_loop_of_calls_the_result_reaches_the_model()
    {
        ClientHarness harness = new(Call("get_weather", """{"city": "Lyon"}"""), "Sunny.");
        using IChatClient client = harness.Client.AsBuilder()
            .UseFunctionInvocation().UseChatReducer(new SummarizingChatReducer(harness.Client, 4, 2)).Build();
        ChatResponse response = await client.GetResponseAsync("Weather?", new() { Tools = [Weather] });

        Assert.Equal("Sunny.", response.Text);
        Assert.Equal(2, harness.Generator.Requests.Count);
        Assert.Contains("<|im_start|>user\nSunny in Lyon<|im_end|>", harness.LastPrompt);
    }
}
