using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>When the model thinks, for how long, and what of it is seen.</summary>
public class SmolLM3ChatClientReasoningTests
{
    private const string EmptyThought = "<think>\n\n</think>\n";

    [Theory]
    [InlineData(null, false, false)]
    [InlineData(null, true, true)]
    [InlineData(ReasoningEffort.None, true, false)]
    [InlineData(ReasoningEffort.Low, false, true)]
    [InlineData(ReasoningEffort.ExtraHigh, false, true)]
    public async Task Effort_decides_before_the_options(ReasoningEffort? effort, bool option, bool thinks)
    {
        ClientHarness harness = new("Hi") { Options = { EnableThinking = option } };
        await harness.Ask("Hi", effort is null ? null : new() { Reasoning = new() { Effort = effort } });

        Assert.Contains(thinks ? "Reasoning Mode: /think\n" : "Reasoning Mode: /no_think\n", harness.LastPrompt);
        Assert.Equal(thinks, !harness.LastPrompt.EndsWith(EmptyThought));
    }

    [Fact]
    public async Task A_flag_in_the_system_message_decides_before_effort_and_that_is_logged()
    {
        ClientHarness harness = new("Hi");
        await harness.Client.GetResponseAsync(
            [new(ChatRole.System, "Be brief. /no_think"), new(ChatRole.User, "Hi")],
            new() { Reasoning = new() { Effort = ReasoningEffort.High } });

        Assert.EndsWith(EmptyThought, harness.LastPrompt);
        Assert.Contains(harness.Logs.Entries, e => e.Level == LogLevel.Warning && e.Message.Contains("/no_think"));
    }

    [Theory]
    [InlineData(ReasoningEffort.Low, 6)]
    [InlineData(ReasoningEffort.Medium, 9)]
    [InlineData(ReasoningEffort.High, 12)]
    [InlineData(ReasoningEffort.ExtraHigh, 15)]
    public async Task Each_effort_has_its_budget_and_a_spent_one_goes_on_to_the_answer(
        ReasoningEffort effort, int budget)
    {
        string endless = string.Concat(Enumerable.Repeat(" a", 40));
        ClientHarness harness = new($"<think>\n{endless}<|im_end|>")
        {
            Options =
            {
                LowThinkingTokens = 6, MediumThinkingTokens = 9, HighThinkingTokens = 12, ExtraHighThinkingTokens = 15,
            },
        };
        ChatResponse response = await harness.Ask("Hi", new() { Reasoning = new() { Effort = effort } });

        // The line break that ends the thought is one more.
        Assert.Equal(budget + 1, response.Usage!.ReasoningTokenCount);
        Assert.NotEqual("", response.Text);
    }

    [Fact]
    public async Task A_quarter_of_the_output_is_left_for_the_answer()
    {
        string endless = string.Concat(Enumerable.Repeat(" a", 200));
        ClientHarness harness = new($"<think>\n{endless}");
        ChatOptions options = new() { MaxOutputTokens = 40, Reasoning = new() { Effort = ReasoningEffort.ExtraHigh } };
        ChatResponse response = await harness.Ask("Hi", options);

        Assert.Equal(40, response.Usage!.OutputTokenCount);
        Assert.Equal(40 - 10 - 6, response.Usage.ReasoningTokenCount);
        Assert.NotEqual("", response.Text);
    }

    [Theory]
    [InlineData(" a")]
    [InlineData("🙂")]
    public async Task However_short_the_output_a_quarter_of_it_is_the_answer(string thought)
    {
        ClientHarness harness = new($"<think>{string.Concat(Enumerable.Repeat(thought, 120))}");
        int thoughts = 0;
        for (int output = 1; output <= 100; output++)
        {
            ChatOptions options =
                new() { MaxOutputTokens = output, Reasoning = new() { Effort = ReasoningEffort.ExtraHigh } };
            UsageDetails usage = (await harness.Ask("Hi", options)).Usage!;
            int thinking = (int)usage.ReasoningTokenCount!.Value;

            // The two tags and the line break behind the thought are its too.
            Assert.Equal(output, usage.OutputTokenCount);
            Assert.InRange(thinking + (thinking > 0 ? 3 : 0), 0, output - ((output + 3) / 4));
            thoughts += thinking > 0 ? 1 : 0;
        }

        Assert.InRange(thoughts, 90, 99);
    }

    [Fact]
    public async Task A_spent_budget_allows_no_second_thought()
    {
        ClientHarness harness = new("<think> a a a a a a a a<think> b b b b</think>")
        {
            Options = { LowThinkingTokens = 4 },
        };
        ChatResponse response = await harness.Ask("Hi", new() { Reasoning = new() { Effort = ReasoningEffort.Low } });

        Assert.Equal(5, response.Usage!.ReasoningTokenCount);
        Assert.Contains("b b b b", response.Text);
    }

    [Fact]
    public async Task Without_thinking_no_thought_begins()
    {
        ClientHarness harness = new("<think>Hello");
        ChatResponse response = await harness.Ask("Hi", new() { Reasoning = new() { Effort = ReasoningEffort.None } });

        Assert.Equal("Hello", response.Text);
        Assert.Equal(0, response.Usage!.ReasoningTokenCount);
    }

    [Theory]
    [InlineData(null, 0, false, 0)]
    [InlineData(null, 5, true, 5)]
    [InlineData(ReasoningEffort.High, 5, true, 5)]
    [InlineData(ReasoningEffort.High, 0, false, 0)]
    [InlineData(ReasoningEffort.None, 5, false, 0)]
    public async Task A_thinking_budget_sets_the_length_and_wishes_for_a_thought(
        ReasoningEffort? effort, int budget, bool thinks, int tokens)
    {
        ClientHarness harness = new(thinks ? $"<think>\n{string.Concat(Enumerable.Repeat(" a", 60))}" : "Hi");
        ChatResponse response = await harness.Ask("Hi", new()
        {
            Reasoning = effort is null ? null : new() { Effort = effort },
            AdditionalProperties = new() { ["thinking_budget"] = budget },
        });

        Assert.Equal(thinks, !harness.LastPrompt.EndsWith(EmptyThought));
        Assert.Equal(thinks ? tokens + 1 : 0, response.Usage!.ReasoningTokenCount);
    }

    [Fact]
    public async Task Thoughts_stream_as_thoughts_and_never_as_text()
    {
        ClientHarness harness =
            new("<think>\nFirst this, then that.\n</think>\nDone.") { Options = { EnableThinking = true } };
        List<ChatResponseUpdate> updates = await harness.StreamAll("Hi");

        Assert.Equal("Done.", string.Concat(updates.Select(u => u.Text)));
        Assert.True(updates.SelectMany(u => u.Contents).OfType<TextReasoningContent>().Count() > 2);
        Assert.IsType<TextReasoningContent>(updates[0].Contents[0]);
    }

    [Fact]
    public async Task A_thought_that_never_closes_is_not_lost()
    {
        ClientHarness harness = new("<think>\nStill at it") { Options = { EnableThinking = true } };
        ChatResponse response = await harness.Ask("Hi");

        Assert.Equal("Still at it", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);
        Assert.Equal("", response.Text);
    }
}
