using Microsoft.Extensions.AI;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>What a response looks like.</summary>
public class SmolLM3ChatClientResponseTests
{
    [Fact]
    public async Task Every_update_carries_the_same_ids_and_the_last_one_the_usage()
    {
        ClientHarness harness = new("Hello there, friend.") { Generator = { CachedTokens = 7 } };
        List<ChatResponseUpdate> updates = await harness.StreamAll("Hi");

        Assert.All(updates, update =>
        {
            Assert.Equal(ChatRole.Assistant, update.Role);
            Assert.Equal(ModelId, update.ModelId);
            Assert.Equal(harness.Time.GetUtcNow(), update.CreatedAt);
            Assert.Null(update.ConversationId);
            Assert.NotEmpty(update.Contents);
        });
        Assert.Single(updates.Select(update => update.MessageId).Distinct());
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
        Assert.True(updates.Count > 2);
        Assert.Equal("Hello there, friend.", string.Concat(updates.Select(update => update.Text)));

        UsageContent usage = Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>());
        Assert.Same(usage, updates[^1].Contents[^1]);
        Assert.Equal(harness.LastRequest.PromptTokens.Count, usage.Details.InputTokenCount);
        Assert.Equal(Words.Encode("Hello there, friend.").Length + 1, usage.Details.OutputTokenCount);
        Assert.Equal(usage.Details.InputTokenCount + usage.Details.OutputTokenCount, usage.Details.TotalTokenCount);
        Assert.Equal(7, usage.Details.CachedInputTokenCount);
        Assert.Equal(7, usage.Details.AdditionalCounts!["InputTokenDetails.CachedTokenCount"]);
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        Assert.All(updates.SkipLast(1), update => Assert.Null(update.FinishReason));
    }

    [Fact]
    public async Task Ids_differ_from_request_to_request()
    {
        ClientHarness harness = new("Hello");
        ChatResponse first = await harness.Ask("Hi");
        ChatResponse second = await harness.Ask("Hi");

        Assert.NotEqual(first.ResponseId, second.ResponseId);
        Assert.NotEqual(first.Messages[0].MessageId, second.Messages[0].MessageId);
    }

    [Fact]
    public async Task A_response_is_its_stream_folded()
    {
        ClientHarness harness = new("<think>\nLet me see.\n</think>\nIt is 4.");
        ChatOptions options = new() { Reasoning = new() { Effort = ReasoningEffort.Low } };
        ChatResponse response = await harness.Ask("2 + 2?", options);

        ChatMessage message = Assert.Single(response.Messages);
        Assert.Equal(["Let me see."], message.Contents.OfType<TextReasoningContent>().Select(c => c.Text));
        Assert.Equal("It is 4.", response.Text);
        Assert.Equal(2, message.Contents.Count);
        Assert.Equal(ModelId, response.ModelId);
        Assert.Null(response.ConversationId);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(
            response.Usage!.ReasoningTokenCount,
            response.Usage.AdditionalCounts!["OutputTokenDetails.ReasoningTokenCount"]);
        Assert.InRange(response.Usage.ReasoningTokenCount!.Value, 1, response.Usage.OutputTokenCount!.Value - 3);
    }

    [Fact]
    public async Task An_empty_answer_is_one_update_with_the_usage()
    {
        ClientHarness harness = new("");
        ChatResponseUpdate update = Assert.Single(await harness.StreamAll("Hi"));
        Assert.IsType<UsageContent>(Assert.Single(update.Contents));

        ChatResponse response = await harness.Ask("Hi");
        Assert.Equal("", response.Text);
        Assert.Single(response.Messages);
    }

    [Fact]
    public async Task Thoughts_can_be_hidden_but_still_count()
    {
        ClientHarness harness = new("<think>\nLet me see.\n</think>\nIt is 4.");
        ChatOptions options = new()
        {
            Reasoning = new() { Effort = ReasoningEffort.Low, Output = ReasoningOutput.None },
            AdditionalProperties = new() { ["top_logprobs"] = 2 },
        };
        ChatResponse response = await harness.Ask("2 + 2?", options);

        Assert.Empty(response.Messages[0].Contents.OfType<TextReasoningContent>());
        Assert.Equal("It is 4.", response.Text);
        Assert.True(response.Usage!.ReasoningTokenCount > 0);
        Assert.DoesNotContain("see", response.Messages[0].AdditionalProperties!["top_logprobs"]!.ToString());
    }

    [Fact]
    public async Task A_token_limit_ends_with_length()
    {
        ClientHarness harness = new("one two three four five");
        ChatResponse response = await harness.Ask("Count", new() { MaxOutputTokens = 3 });

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(3, response.Usage!.OutputTokenCount);
        Assert.Equal(3, harness.LastRequest.MaxTokens);
        Assert.StartsWith(response.Text, "one two three four five");
    }

    [Fact]
    public async Task A_stop_sequence_ends_the_answer_before_it()
    {
        ClientHarness harness = new("one, two, three, four");
        ChatResponse response = await harness.Ask("Count", new() { StopSequences = ["", "o, th"] });

        Assert.Equal("one, tw", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(0, harness.Generator.Running);
    }

    [Fact]
    public async Task A_stop_sequence_does_not_end_a_thought()
    {
        ClientHarness harness = new("<think>\nSay END soon.\n</think>\nWell, END of it.");
        ChatOptions options = new() { StopSequences = ["END"], Reasoning = new() { Effort = ReasoningEffort.Low } };
        ChatResponse response = await harness.Ask("Hi", options);

        Assert.Contains("Say END soon.", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);
        Assert.StartsWith("Well,", response.Text);
        Assert.DoesNotContain("END", response.Text);
    }

    [Fact]
    public async Task Characters_of_several_tokens_are_never_split()
    {
        const string text = "Ça va? 東京 🙂👩‍👩‍👧 ok";
        ClientHarness harness = new(text);
        List<ChatResponseUpdate> updates = await harness.StreamAll("Hi");

        Assert.Equal(text, string.Concat(updates.Select(update => update.Text)));
        Assert.All(updates, update => Assert.False(
            update.Text.Length > 0 && (char.IsLowSurrogate(update.Text[0]) || char.IsHighSurrogate(update.Text[^1]))));
        Assert.DoesNotContain("\uFFFD", string.Concat(updates.Select(update => update.Text)));
    }

    [Fact]
    public async Task Log_probabilities_arrive_with_the_updates_and_whole_in_the_response()
    {
        ClientHarness harness = new("Hello there");
        ChatOptions options = new() { AdditionalProperties = new() { ["top_logprobs"] = 2 } };
        List<ChatResponseUpdate> updates = await harness.StreamAll("Hi", options);
        ChatResponse response = await harness.Ask("Hi", options);

        int tokens = Words.Encode("Hello there").Length;
        string[] streamed = [.. updates.Where(u => u.AdditionalProperties is not null)
            .SelectMany(u => ((System.Text.Json.JsonElement)u.AdditionalProperties!["top_logprobs"]!).EnumerateArray())
            .Select(e => e.GetProperty("token").GetString()!)];
        var whole = (System.Text.Json.JsonElement)response.Messages[0].AdditionalProperties!["top_logprobs"]!;
        Assert.Equal("Hello there", string.Concat(streamed));
        Assert.Equal(tokens, streamed.Length);
        Assert.Equal(tokens, whole.GetArrayLength());
        Assert.Equal(-1.5, whole[0].GetProperty("top_logprobs")[1].GetProperty("logprob").GetDouble());
    }

    [Fact]
    public async Task Token_ids_come_on_demand_but_for_hidden_thoughts_and_further_ones_end_the_answer()
    {
        ClientHarness harness = new("<think>\nI see.\n</think>\nHello there.");
        ChatOptions options = new()
        {
            Reasoning = new() { Effort = ReasoningEffort.Low, Output = ReasoningOutput.None },
            RawRepresentationFactory = _ => new SmolLM3RequestOptions { ReturnTokenIds = true, StopTokens = [5] },
        };

        ChatResponse response = await harness.Client.GetResponseAsync([new(ChatRole.User, "Hi")], options);

        var ids = Assert.IsType<int[]>(response.Messages[0].AdditionalProperties!["token_ids"]);
        Assert.Equal("Hello there.", response.Text);
        Assert.EndsWith("Hello there.<|im_end|>", Words.Decode(ids), StringComparison.Ordinal);
        Assert.DoesNotContain("see", Words.Decode(ids), StringComparison.Ordinal);
        Assert.Equal([.. Words.EndTokens, 5], harness.LastRequest.StopTokens);
    }
}
