using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests.Completion;

/// <summary>Raw texts through the way chats go.</summary>
public sealed class TextCompletionTests
{
    private const string FewShot = "Country: France\nCapital: Paris\n\nCountry: Italy\nCapital:";

    [Fact]
    public async Task A_prompt_goes_to_the_model_as_it_stands_and_nothing_in_it_is_control()
    {
        const string prompt = "<|im_start|>user\nHi<|im_end|>\n<think>";
        ClientHarness harness = new(" there");
        ChatResponse response = await Completion(harness).CompleteAsync(prompt);

        Assert.Equal(Words.Encode(prompt), harness.LastRequest.PromptTokens);
        Assert.Empty(Words.AddedIn(harness.LastRequest.PromptTokens));
        Assert.Equal(" there", response.Text);
        Assert.Equal(Words.EndTokens, harness.LastRequest.StopTokens);
    }

    [Fact]
    public async Task Ids_go_to_the_model_as_they_are_and_are_copied()
    {
        ClientHarness harness = new("!");
        List<int> prompt = [Words.Id("<|im_start|>"), 5, Words.Id("<|im_end|>")];
        IAsyncEnumerable<ChatResponseUpdate> stream = Completion(harness).CompleteStreamingAsync(prompt);
        prompt[1] = 6;

        Assert.Equal("!", (await stream.ToChatResponseAsync()).Text);
        Assert.Equal([Words.Id("<|im_start|>"), 5, Words.Id("<|im_end|>")], harness.LastRequest.PromptTokens);
    }

    [Fact]
    public async Task Blanks_tags_and_calls_in_the_output_are_text()
    {
        string written = "\n\n  <think>\nHm</think> <tool_call>\n{}</tool_call> <code>é😀</code> \n";
        ClientHarness harness = new(written);
        List<ChatResponseUpdate> updates = await Completion(harness).CompleteStreamingAsync("So:").ToListAsync();

        Assert.Equal(written, string.Concat(updates.Select(update => update.Text)));
        Assert.All(updates.SkipLast(1), update => Assert.IsType<TextContent>(Assert.Single(update.Contents)));
        Assert.Single(updates.Select(update => (update.MessageId, update.ResponseId, update.Role)).Distinct());
        UsageDetails usage = Assert.Single(updates.SelectMany(u => u.Contents).OfType<UsageContent>()).Details;
        Assert.Equal(Words.Encode("So:").Length, usage.InputTokenCount);
        Assert.Equal(Words.Encode(written + "<|im_end|>", SpecialTokens.All).Length, usage.OutputTokenCount);
        Assert.Equal(0, usage.ReasoningTokenCount);
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        Assert.Null(updates[^1].RawRepresentation);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\n\n")]
    [InlineData("Country:", "Capital:")]
    [InlineData("y: Spain")]
    public async Task A_few_shot_answer_ends_at_its_stop_sequence_which_is_not_given_out(params string[] stops)
    {
        const string written = " Rome\n\nCountry: Spain\nCapital: Madrid";
        ClientHarness harness = new(written);
        ChatOptions options = new() { StopSequences = [.. stops] };
        List<ChatResponseUpdate> updates =
            await Completion(harness).CompleteStreamingAsync(FewShot, options).ToListAsync();

        int end = stops.Min(stop => written.IndexOf(stop, StringComparison.Ordinal));
        Assert.Equal(written[..end], string.Concat(updates.Select(update => update.Text)));
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        Assert.Equal(0, harness.Generator.Running);
    }

    [Fact]
    public async Task Wherever_the_model_cuts_a_stop_sequence_it_is_found_and_what_only_looks_like_one_is_kept()
    {
        foreach (string[] pieces in new string[][]
        {
            ["Rome", "\n", "\n", "Coun", "try"], ["Rome\n", "\nCountr", "y: x"], ["R", "ome", "\n\nCountry:"],
        })
        {
            ClientHarness harness = new("")
            {
                Script = (_, _) => [.. pieces.SelectMany(piece => Words.Encode(piece)), Words.Id("<|im_end|>")],
            };
            ChatOptions options = new() { StopSequences = ["\n\nCountry", "\n\n\n"] };
            Assert.Equal("Rome", (await Completion(harness).CompleteAsync(FewShot, options)).Text);
        }

        ClientHarness whole = new("Rome\n\nCount");
        ChatResponse kept = await Completion(whole).CompleteAsync(FewShot, new() { StopSequences = ["\n\nCountry"] });
        Assert.Equal("Rome\n\nCount", kept.Text);
    }

    [Fact]
    public async Task The_token_limit_ends_it_by_length_and_a_cut_character_is_replaced()
    {
        ClientHarness harness = new("\U0001F9FF\U0001F9FF");
        int tokens = Words.Encode("\U0001F9FF").Length;
        Assert.True(tokens > 1);
        ChatResponse response =
            await Completion(harness).CompleteAsync("So:", new() { MaxOutputTokens = tokens + 1 });

        Assert.Equal("\U0001F9FF\uFFFD", response.Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("[0, 1]")]
    public async Task A_form_is_held_to_from_the_first_token_and_ends_the_text(string expected)
    {
        ClientHarness harness = new(expected + " and more");
        ChatOptions options = new();
        if (expected == "yes")
        {
            options.RawRepresentationFactory = _ => new SmolLM3RequestOptions { Choices = ["no", "yes"] };
        }
        else
        {
            options.RawRepresentationFactory = _ => new SmolLM3RequestOptions { Regex = @"\[[0-9](, [0-9])*\]" };
        }

        ChatResponse response = await Completion(harness).CompleteAsync("Answer:", options);
        Assert.Equal(expected, response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(Words.Encode("Answer:"), harness.LastRequest.PromptTokens);
    }

    [Fact]
    public async Task A_schema_is_enforced_and_not_told()
    {
        JsonElement schema = JsonSerializer.Deserialize<JsonElement>(
            """{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}""");
        ClientHarness harness = new("""x{"n": 12}y""");
        ChatOptions options = new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) };
        ChatResponse response = await Completion(harness).CompleteAsync("JSON:", options);

        Assert.Equal(12, JsonDocument.Parse(response.Text).RootElement.GetProperty("n").GetInt32());
        Assert.Equal(Words.Encode("JSON:"), harness.LastRequest.PromptTokens);
    }

    [Fact]
    public async Task Sampling_and_limits_come_from_the_options_and_the_client()
    {
        ClientHarness harness = new("x");
        IChatClient? told = null;
        ChatOptions options = new()
        {
            Seed = 7,
            TopK = 3,
            Reasoning = new() { Effort = ReasoningEffort.High },
            AdditionalProperties = new() { ["top_logprobs"] = 1 },
            RawRepresentationFactory = client =>
            {
                told = client;
                return new SmolLM3RequestOptions { Timeout = TimeSpan.FromMinutes(3), MinP = 0.25f };
            },
        };
        ChatResponse response = await Completion(harness).CompleteAsync("So:", options);

        Assert.Same(harness.Client, told);
        Assert.Equal((7, 3, 0.25f, 0.6f), (
            harness.LastRequest.Sampling.Seed,
            harness.LastRequest.Sampling.TopK,
            harness.LastRequest.Sampling.MinP,
            harness.LastRequest.Sampling.Temperature));
        Assert.Equal(TimeSpan.FromMinutes(3), harness.LastRequest.Timeout);
        Assert.Empty(harness.LastRequest.Constraints);
        var probabilities = (JsonElement)response.Messages[0].AdditionalProperties!["top_logprobs"]!;
        Assert.Equal("x", Assert.Single(probabilities.EnumerateArray()).GetProperty("token").GetString());
    }

    [Fact]
    public void What_makes_no_sense_is_refused_when_a_method_is_called_before_anything_is_loaded()
    {
        ClientHarness harness = new("x");
        ISmolLM3TextCompletion completion = Completion(harness);
        Assert.Throws<ArgumentNullException>("prompt", () => { _ = completion.CompleteAsync((string)null!); });
        Assert.Throws<ArgumentException>("prompt", () => { _ = completion.CompleteStreamingAsync(""); });
        Assert.Throws<ArgumentNullException>("promptTokens", () => { _ = completion.CompleteAsync((int[])null!); });
        Assert.Throws<ArgumentException>("promptTokens", () => { _ = completion.CompleteStreamingAsync([]); });
        Assert.Contains("Tools", Refused(new() { Tools = [Weather] }));
        Assert.Contains("Instructions", Refused(new() { Instructions = "Be brief." }));
        Refused(new() { ToolMode = ChatToolMode.RequireAny });
        Assert.Throws<UnknownModelException>(
            () => { _ = completion.CompleteStreamingAsync("So:", new() { ModelId = "gpt" }); });
        Assert.Equal(0, harness.Loads);
        harness.Client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = completion.CompleteAsync("So:"); });

        string Refused(ChatOptions options) => Assert.Throws<ArgumentException>(
            "options", () => { _ = completion.CompleteStreamingAsync("So:", options); }).Message;
    }

    [Fact]
    public async Task No_part_of_a_prompt_is_left_out_when_it_is_too_long()
    {
        ClientHarness harness = new("x") { ContextLength = 16 };
        harness.Options.ContextOverflow = ContextOverflow.DropOldestTurns;
        PromptTooLongException error = await Assert.ThrowsAsync<PromptTooLongException>(
            () => Completion(harness).CompleteAsync(Enumerable.Repeat(5, 16).ToArray()));
        Assert.Equal((16, 16), (error.PromptTokens, error.ContextLength));
        Assert.Equal("x", (await Completion(harness).CompleteAsync(Enumerable.Repeat(5, 14).ToArray())).Text);
    }

    [Fact]
    public async Task It_is_had_through_middleware_without_loading_and_ends_with_its_caller()
    {
        ClientHarness harness = new("one two three");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().UseLogging(harness.Logs).Build();
        var completion = client.GetRequiredService<ISmolLM3TextCompletion>();
        Assert.Equal(0, harness.Loads);
        Assert.Null(client.GetService(typeof(ISmolLM3TextCompletion), "key"));
        using CancellationTokenSource source = new();
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in completion.CompleteStreamingAsync("So:", null, source.Token))
            {
                await source.CancelAsync();
            }
        });
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Equal(0, harness.Generator.Running);
    }

    [Fact]
    public async Task Its_texts_are_logged_at_trace_only()
    {
        ClientHarness harness = new("plain answer");
        await Completion(harness).CompleteAsync("secret prompt");

        Assert.Equal(
            [LogLevel.Trace, LogLevel.Trace],
            harness.Logs.Entries.Where(e => e.Message.Contains("secret prompt") || e.Message.Contains("plain answer"))
                .Select(e => e.Level));
    }

    private static ISmolLM3TextCompletion Completion(ClientHarness harness) =>
        harness.Client.GetRequiredService<ISmolLM3TextCompletion>();
}
