using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>Conversations that outgrow the context.</summary>
public class SmolLM3ChatClientContextTests
{
    private const string Key = "dropped_turns";

    private const string Filler = "word word word word word";

    [Fact]
    public async Task By_default_the_error_says_how_long_the_prompt_is_and_what_to_do()
    {
        List<ChatMessage> messages = Turns(20);
        int tokens = Words.Encode(await PromptOf(messages), SpecialTokens.All).Length;
        ClientHarness harness = new("Hi") { ContextLength = tokens };
        PromptTooLongException error =
            await Assert.ThrowsAsync<PromptTooLongException>(() => harness.Client.GetResponseAsync(messages));
        Assert.Equal((tokens, tokens), (error.PromptTokens, error.ContextLength));
        Assert.Contains($"{tokens} tokens", error.Message);
        Assert.Contains($"holds {tokens},", error.Message);
        Assert.Contains("SmolLM3Options.ContextLength", error.Message);
        Assert.Contains("ContextOverflow to DropOldestTurns", error.Message);
    }

    [Fact]
    public async Task A_conversation_that_fits_is_left_alone()
    {
        ClientHarness harness = Dropping("Hi");
        List<ChatMessage> messages = Turns(8);
        ChatResponse response = await harness.Client.GetResponseAsync(messages);

        Assert.Equal(await PromptOf(messages), harness.LastPrompt);
        Assert.Null(response.Messages[0].AdditionalProperties);
        Assert.DoesNotContain(harness.Logs.Entries, entry => entry.Message.Contains("left out"));
    }

    [Fact]
    public async Task The_oldest_turns_go_and_instructions_tools_and_format_stay()
    {
        ClientHarness harness = Dropping("[]");
        ChatOptions options = new()
        {
            Instructions = "Be kind.", Tools = [Weather], ResponseFormat = ChatResponseFormat.Json,
        };
        List<ChatMessage> messages = [new(ChatRole.System, "Be brief."), .. Turns(30)];
        ChatResponse response = await harness.Client.GetResponseAsync(messages, options);

        int dropped = Assert.IsType<int>(response.Messages[0].AdditionalProperties![Key]);
        Assert.InRange(dropped, 1, 29);
        Assert.Equal(await PromptOf([messages[0], .. messages[(1 + (2 * dropped))..]], options), harness.LastPrompt);
        Assert.Contains("Be kind.\n\nBe brief.\n\nAnswer with one JSON value", harness.LastPrompt);
        Assert.Contains("get_weather", harness.LastPrompt);
        Assert.Contains("question 29", harness.LastPrompt);
        Assert.DoesNotContain("question 0 ", harness.LastPrompt);
        Assert.Equal(harness.LastRequest.PromptTokens.Count, response.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task It_is_told_once_in_the_last_update_and_in_the_log_without_text()
    {
        ClientHarness harness = Dropping("one two three");
        List<ChatResponseUpdate> updates = await harness.Client.GetStreamingResponseAsync(
            Turns(30), new() { AdditionalProperties = new() { ["top_logprobs"] = 1 } }).ToListAsync();

        Assert.True(updates.Count > 2);
        Assert.Equal(updates[^1], Assert.Single(updates, u => u.AdditionalProperties?.ContainsKey(Key) == true));
        (LogLevel level, string message) = Assert.Single(harness.Logs.Entries, e => e.Message.Contains("left out"));
        Assert.Equal(LogLevel.Information, level);
        Assert.Contains($"its {updates[^1].AdditionalProperties![Key]} oldest turns", message);
        Assert.Contains($"{harness.LastRequest.PromptTokens.Count} tokens", message);
        Assert.Contains($"context of {harness.ContextLength} tokens", message);
        Assert.DoesNotContain("question", message);
    }

    [Fact]
    public async Task Calls_go_or_stay_with_their_results_and_a_later_system_message_with_its_turn()
    {
        for (int turns = 12; turns < 18; turns++)
        {
            ClientHarness harness = Dropping("Fine");
            List<ChatMessage> messages = [];
            List<int> starts = [];
            for (int i = 0; i < turns; i++)
            {
                starts.Add(messages.Count);
                messages.AddRange(
                [
                    new(ChatRole.User, $"question {i} {Filler}"),
                    new(ChatRole.Assistant, [new FunctionCallContent($"c{i}", "get_weather")]),
                    new(ChatRole.Tool, [new FunctionResultContent($"c{i}", $"sunny {i}")]),
                    new(ChatRole.System, $"notice {i}"),
                ]);
            }

            ChatResponse response = await harness.Client.GetResponseAsync(messages);
            int dropped = (int)response.Messages[0].AdditionalProperties![Key]!;
            Assert.Equal(await PromptOf(messages[starts[dropped]..]), harness.LastPrompt);
        }
    }

    [Fact]
    public async Task The_running_tool_loop_stays_whole()
    {
        string call = Call("get_weather", """{"city": "Lyon"}""");
        ClientHarness harness = Dropping([.. Enumerable.Repeat(call, 6), "Sunny."]);
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        List<ChatMessage> messages = [.. Turns(30)[..^1], new(ChatRole.User, "Weather?")];
        ChatResponse response = await client.GetResponseAsync(messages, new() { Tools = [Weather] });

        Assert.Equal("Sunny.", response.Text);
        string loop = harness.LastPrompt[harness.LastPrompt.IndexOf("Weather?", StringComparison.Ordinal)..];
        Assert.Equal(6, loop.Split("<tool_call>").Length - 1);
        Assert.Equal(6, loop.Split("Sunny in Lyon").Length - 1);
    }

    [Fact]
    public async Task A_last_turn_that_does_not_fit_is_an_error_and_one_that_just_fits_is_answered()
    {
        ChatMessage last = new(ChatRole.User, string.Concat(Enumerable.Repeat(Filler, 24)));
        List<ChatMessage> messages = [.. Turns(3)[..^1], last];
        int alone = Words.Encode(await PromptOf(messages[^1..]), SpecialTokens.All).Length;

        // Less room than is kept for an answer is still better than none.
        ClientHarness harness = Dropping("Hi");
        harness.ContextLength = alone + 3;
        Assert.Equal("Hi", (await harness.Client.GetResponseAsync(messages)).Text);
        Assert.Equal(alone, harness.LastRequest.PromptTokens.Count);

        harness = Dropping("Hi");
        harness.ContextLength = alone;
        PromptTooLongException error =
            await Assert.ThrowsAsync<PromptTooLongException>(() => harness.Client.GetResponseAsync(messages));
        Assert.Equal((alone, alone), (error.PromptTokens, error.ContextLength));
    }

    [Fact]
    public async Task Prompts_of_a_long_chat_share_their_beginning_but_for_a_few_cuts()
    {
        ClientHarness harness = Dropping([.. Enumerable.Range(0, 60).Select(i => $"answer {i}")]);
        List<ChatMessage> messages = [new(ChatRole.System, "Be kind.")];
        List<int> known = [];
        int cuts = 0;
        int last = 0;
        for (int i = 0; i < 60; i++)
        {
            messages.Add(new(ChatRole.User, $"question {i} {Filler}"));
            ChatResponse response = await harness.Client.GetResponseAsync(messages);
            messages.AddMessages(response);
            IReadOnlyList<int> prompt = harness.LastRequest.PromptTokens;
            int dropped = response.Messages[0].AdditionalProperties?[Key] as int? ?? 0;
            if (dropped == last)
            {
                Assert.Equal(known, prompt.Take(known.Count));
            }

            cuts += dropped == last ? 0 : 1;
            last = dropped;
            known = [.. prompt, .. Words.Encode($"answer {i}<|im_end|>", SpecialTokens.All)];
        }

        // The room is filled by about ten turns, and a cut leaves half of them.
        Assert.InRange(last, 45, 58);
        Assert.InRange(cuts, 3, 14);
    }

    [Fact]
    public async Task The_same_conversation_gets_the_same_prompt_from_a_client_that_never_saw_it()
    {
        ClientHarness one = Dropping("Hi");
        for (int turns = 1; turns < 30; turns++)
        {
            await one.Client.GetResponseAsync(Turns(turns));
            ClientHarness other = Dropping("Hi");
            await other.Client.GetResponseAsync(Turns(turns));
            Assert.Equal(other.LastRequest.PromptTokens, one.LastRequest.PromptTokens);
        }
    }

    [Fact]
    public async Task Room_is_kept_for_as_many_tokens_as_may_come()
    {
        List<ChatMessage> messages = Turns(8);
        int whole = Words.Encode(await PromptOf(messages), SpecialTokens.All).Length;
        ClientHarness harness = Dropping("Hi");
        harness.ContextLength = whole + 100;

        await harness.Client.GetResponseAsync(messages, new() { MaxOutputTokens = 100 });
        Assert.Equal(whole, harness.LastRequest.PromptTokens.Count);
        await harness.Client.GetResponseAsync(messages, new() { MaxOutputTokens = 101 });
        Assert.True(harness.LastRequest.PromptTokens.Count < whole);
    }

    [Fact]
    public async Task A_request_may_choose_for_itself()
    {
        List<ChatMessage> messages = Turns(40);
        ClientHarness failing = new("Hi") { ContextLength = 1024 };
        ChatResponse response = await failing.Client.GetResponseAsync(messages, Raw(ContextOverflow.DropOldestTurns));
        Assert.Equal("Hi", response.Text);
        await Assert.ThrowsAsync<PromptTooLongException>(() => failing.Client.GetResponseAsync(messages, Raw(null)));

        ClientHarness dropping = Dropping("Hi");
        Assert.Equal("Hi", (await dropping.Client.GetResponseAsync(messages, Raw(null))).Text);
        await Assert.ThrowsAsync<PromptTooLongException>(
            () => dropping.Client.GetResponseAsync(messages, Raw(ContextOverflow.Error)));

        ArgumentException error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => dropping.Client.GetResponseAsync(messages, Raw((ContextOverflow)7)));
        Assert.Contains("ContextOverflow", error.Message);
    }

    [Fact]
    public async Task Messages_stay_as_they_were()
    {
        ClientHarness harness = Dropping("Hi");
        List<ChatMessage> messages = [new(ChatRole.System, "Be kind."), .. Turns(30)];
        ChatMessage[] same = [.. messages];
        string before = JsonSerializer.Serialize(messages, AIJsonUtilities.DefaultOptions);
        ChatResponse response = await harness.Client.GetResponseAsync(messages);

        Assert.NotNull(response.Messages[0].AdditionalProperties);
        Assert.Equal(same, messages);
        Assert.Equal(before, JsonSerializer.Serialize(messages, AIJsonUtilities.DefaultOptions));
    }

    private static ClientHarness Dropping(params string[] answers) =>
        new(answers) { Options = { ContextOverflow = ContextOverflow.DropOldestTurns }, ContextLength = 1024 };

    private static ChatOptions Raw(ContextOverflow? overflow) =>
        new() { RawRepresentationFactory = _ => new SmolLM3RequestOptions { ContextOverflow = overflow } };

    /// <summary>Questions with their answers, but for the last one's.</summary>
    private static List<ChatMessage> Turns(int count) =>
    [
        .. Enumerable.Range(0, (2 * count) - 1).Select(i => i % 2 == 0
            ? new ChatMessage(ChatRole.User, $"question {i / 2} {Filler}")
            : new ChatMessage(ChatRole.Assistant, $"answer {i / 2}")),
    ];

    /// <summary>The prompt of a conversation that has all the room it needs.</summary>
    private static async Task<string> PromptOf(List<ChatMessage> messages, ChatOptions? options = null)
    {
        ClientHarness harness = new("[]") { ContextLength = 100_000 };
        await harness.Client.GetResponseAsync(messages, options);
        return harness.LastPrompt;
    }
}
