using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests.Chat;

/// <summary>What is saved of a conversation is what its next request begins with.</summary>
public class PrefixPromptTests
{
    private static readonly ChatMessage Question = new(ChatRole.User, "Weather?");
    private static readonly ChatMessage Asked = new(ChatRole.Assistant,
    [
        new TextReasoningContent("I look it up."),
        new FunctionCallContent("1", "get_weather", new Dictionary<string, object?> { ["city"] = "Lyon" }),
    ]);

    private static readonly ChatMessage Result = new(ChatRole.Tool, [new FunctionResultContent("1", "Sunny")]);
    private static readonly ChatMessage Broken = new(
        ChatRole.Assistant, [new FunctionCallContent("1", "get_weather") { Exception = new FormatException("No JSON.") }]);

    private static readonly ChatMessage Cut = new(
        ChatRole.Assistant, [new ErrorContent("Cut.") { ErrorCode = "incomplete_tool_call", Details = "{\"name" }]);

    private static readonly ChatMessage Answered = new(ChatRole.Assistant, "Sunny in Lyon.");

    public static TheoryData<string, ChatMessage[], ChatMessage[]> Conversations => new()
    {
        { "nothing yet", [], [Question] },
        { "instructions", [new(ChatRole.System, "Be brief.")], [Question] },
        { "a question", [Question], [] },
        { "a call", [Question, Asked], [Result] },
        { "a call that could not be read", [Question, Broken], [] },
        { "a call that was cut", [Question, Cut], [new(ChatRole.User, "Go on.")] },
        { "a result", [Question, Asked, Result], [] },
        { "an answer", [Question, Asked, Result, Answered], [new(ChatRole.User, "And?")] },
        { "an answer, then more", [Question, Answered, Question, Answered], [new(ChatRole.User, "And?")] },
    };

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task The_next_request_begins_with_it_and_goes_on_with_one_turn(
        string name, ChatMessage[] messages, ChatMessage[] next)
    {
        foreach (bool thinks in new[] { false, true })
        {
            ChatOptions options = new() { Tools = [Weather] };
            options.Reasoning = thinks ? new() { Effort = ReasoningEffort.Low } : null;
            ClientHarness harness = new("Hello");
            List<int> prefix = await EncodeAsync(harness, messages, options);
            await harness.Client.GetResponseAsync([.. messages, .. next], options);

            IReadOnlyList<int> prompt = harness.LastRequest.PromptTokens;
            Assert.True(prompt.Count > prefix.Count, name);
            Assert.Equal(prefix, prompt.Take(prefix.Count));
            Assert.Equal(Words.Id("<|im_start|>"), prompt[prefix.Count]);
            int turns = prompt.Skip(prefix.Count).Count(token => token == Words.Id("<|im_start|>"));
            Assert.Equal(next.Length + 1, turns);
        }
    }

    [Fact]
    public async Task A_turn_of_this_process_is_rendered_as_another_process_will()
    {
        ClientHarness harness = new("Hello", "Fine");
        int[] oddlySpelt = [.. "Hello".SelectMany(letter => Words.Encode(letter.ToString()))];
        harness.Script = (_, scripted) => [.. oddlySpelt, scripted[^1]];
        List<ChatMessage> messages = [new(ChatRole.User, "Hi")];
        messages.AddMessages(await harness.Client.GetResponseAsync(messages));
        List<int> prefix = await EncodeAsync(harness, [.. messages], new());
        await harness.Client.GetResponseAsync([.. messages, Question]);
        Assert.NotEqual(prefix, harness.LastRequest.PromptTokens.Take(prefix.Count));

        messages = [.. messages.Select(message => new ChatMessage(message.Role, message.Text))];
        await harness.Client.GetResponseAsync([.. messages, Question]);
        Assert.Equal(prefix, harness.LastRequest.PromptTokens.Take(prefix.Count));
    }

    private static async Task<List<int>> EncodeAsync(
        ClientHarness harness, ChatMessage[] messages, ChatOptions options) =>
        PrefixPrompt.Encode(
            messages,
            RequestMapping.ToSettings(options, null, harness.Options),
            await harness.Model.GetAsync(CancellationToken.None),
            new DateOnly(2026, 11, 23));
}
