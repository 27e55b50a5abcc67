using System.Collections;
using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Sampling;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>Where the numbers of a request come from.</summary>
public class SmolLM3ChatClientOptionTests
{
    [Fact]
    public async Task Without_options_the_clients_own_apply()
    {
        ClientHarness harness =
            new("Hi") { Options = { Temperature = 0.5f, TopP = 0.8f, TopK = 7, MinP = 0.1f, MaxOutputTokens = 99 } };
        await harness.Ask("Hi");
        SamplingOptions sampling = harness.LastRequest.Sampling;

        Assert.Equal((0.5f, 0.8f, 7, 0.1f), (sampling.Temperature, sampling.TopP, sampling.TopK, sampling.MinP));
        Assert.Equal(99, harness.LastRequest.MaxTokens);
        Assert.Null(sampling.Seed);
    }

    [Fact]
    public async Task Every_number_of_the_request_is_mapped()
    {
        ClientHarness harness = new("Hi");
        await harness.Ask("Hi", new()
        {
            Temperature = 1.5f, TopP = 0.5f, TopK = 3, FrequencyPenalty = 0.25f, PresencePenalty = -0.5f, Seed = 42,
            MaxOutputTokens = 12, ConversationId = "ignored",
            AdditionalProperties = new()
            {
                ["min_p"] = 0.05, ["repetition_penalty"] = 1.1m, ["top_logprobs"] = 3L, ["other"] = new object(),
                ["logit_bias"] = JsonDocument.Parse("""{"5": -100, "6": 2.5}""").RootElement,
            },
        });
        SamplingOptions s = harness.LastRequest.Sampling;

        Assert.Equal(
            (1.5f, 0.5f, 3, 0.25f, -0.5f), (s.Temperature, s.TopP, s.TopK, s.FrequencyPenalty, s.PresencePenalty));
        Assert.Equal((42L, 0.05f, 1.1f, 3), (s.Seed, s.MinP, s.RepetitionPenalty, s.TopLogProbabilities));
        Assert.Equal((-100f, 2.5f), (s.LogitBias![5], s.LogitBias[6]));
        Assert.Equal(12, harness.LastRequest.MaxTokens);
    }

    [Fact]
    public async Task Raw_options_win_and_stay_as_they_were()
    {
        ClientHarness harness = new("one END two");
        SmolLM3RequestOptions raw = new()
        {
            Temperature = 0, MinP = 0.2f, LogitBias = new Dictionary<int, float> { [3] = 1 }, StopSequences = ["END"],
            Seed = 1, TopK = 5, TopP = 0.7f, FrequencyPenalty = 1, PresencePenalty = 1, RepetitionPenalty = 1.2f,
            MaxOutputTokens = 50,
        };
        IChatClient? asked = null;
        ChatOptions options = new()
        {
            Temperature = 1, Seed = 2, StopSequences = ["one"], MaxOutputTokens = 5,
            RawRepresentationFactory = client =>
            {
                asked = client;
                return raw;
            },
            AdditionalProperties = new() { ["min_p"] = 0.9 },
        };
        ChatResponse response = await harness.Ask("Hi", options);
        SamplingOptions s = harness.LastRequest.Sampling;

        Assert.Same(harness.Client, asked);
        Assert.Equal("one", response.Text.Trim());
        Assert.Equal((0f, 0.2f, 1L, 5, 0.7f), (s.Temperature, s.MinP, s.Seed, s.TopK, s.TopP));
        Assert.Equal((1f, 1f, 1.2f), (s.FrequencyPenalty, s.PresencePenalty, s.RepetitionPenalty));
        Assert.Equal(50, harness.LastRequest.MaxTokens);
        Assert.NotSame(raw.LogitBias, s.LogitBias);
        Assert.Null(raw.ThinkingBudget);
        Assert.Equal((1f, 2L), (options.Temperature, options.Seed));
    }

    [Fact]
    public async Task A_raw_representation_of_somebody_else_is_ignored()
    {
        ClientHarness harness = new("Hi");
        Assert.Equal("Hi", (await harness.Ask("Hi", new() { RawRepresentationFactory = _ => "not ours" })).Text);
    }

    [Theory]
    [InlineData("min_p", "0.1")]
    [InlineData("min_p", 1.5)]
    [InlineData("repetition_penalty", true)]
    [InlineData("thinking_budget", 1.5)]
    [InlineData("thinking_budget", -1)]
    [InlineData("top_logprobs", 21)]
    [InlineData("logit_bias", 5)]
    public async Task A_property_of_a_wrong_kind_or_range_is_refused_by_name(string key, object value)
    {
        ClientHarness harness = new("Hi");
        ArgumentException error = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => harness.Ask("Hi", new() { AdditionalProperties = new() { [key] = value } }));
        string name = key.Replace("_", "").Replace("logprobs", "logprobabilities");
        Assert.Contains(name, error.Message.Replace("_", ""), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, harness.Loads);
    }

    [Fact]
    public async Task A_bias_may_come_in_any_dictionary()
    {
        ClientHarness harness = new("Hi");
        object[] forms =
        [
            new Dictionary<int, float> { [5] = 2 }, new Dictionary<int, double> { [5] = 2 },
            new Dictionary<string, object?> { ["5"] = 2 }, new Dictionary<int, int> { [5] = 2 },
            new Dictionary<string, float> { ["5"] = 2 }, new SortedList<long, decimal> { [5] = 2 },
            new Hashtable { [5] = (Half)2 }, new Dictionary<int, int> { [5] = 2 }.ToFrozenDictionary(),
        ];
        foreach (object form in forms)
        {
            await harness.Ask("Hi", new() { AdditionalProperties = new() { ["logit_bias"] = form } });
            Assert.Equal(2f, harness.LastRequest.Sampling.LogitBias![5]);
        }
    }

    [Fact]
    public async Task A_bias_of_a_wrong_type_is_told_which_are_right()
    {
        ClientHarness harness = new("Hi");
        object[] forms =
        [
            "5", new Dictionary<string, float> { ["five"] = 2 }, new Dictionary<int, int> { [-5] = 2 },
            new Dictionary<float, float> { [5] = 2 }, new Dictionary<long, int> { [1L << 32] = 2 },
        ];
        foreach (object form in forms)
        {
            ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
                () => harness.Ask("Hi", new() { AdditionalProperties = new() { ["logit_bias"] = form } }));
            Assert.Contains("JSON object or an IDictionary from token ids, as whole numbers or text", error.Message);
        }
    }

    [Fact]
    public async Task A_format_is_told_in_the_system_text()
    {
        ClientHarness harness = new("{}");
        ChatResponseFormat schema = ChatResponseFormat.ForJsonSchema(
            JsonDocument.Parse(
                """{"type":"object","properties":{"age":{"type":"integer"}}}""").RootElement, "person", "Somebody.");
        await harness.Ask("Who?", new() { ResponseFormat = schema });
        Assert.Contains("""{"type":"object","properties":{"age":{"type":"integer"}}}""", harness.LastPrompt);
        Assert.Contains("person: Somebody.", harness.LastPrompt);
        await harness.Ask("Who?", new() { ResponseFormat = ChatResponseFormat.Json, Instructions = "Be kind." });
        Assert.Contains("Be kind.\n\nAnswer with one JSON value", harness.LastPrompt);

        await harness.Ask("Who?", new() { ResponseFormat = ChatResponseFormat.Text });
        Assert.DoesNotContain("JSON", harness.LastPrompt);
    }

    [Theory]
    [InlineData("/think")]
    [InlineData("/no_think")]
    [InlineData("/system_override")]
    public async Task A_flag_within_a_schema_is_none(string flag)
    {
        ClientHarness harness = Free("{}");
        string json = $$"""{"enum":["{{flag}}"]}""";
        ChatOptions options = new()
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse(json).RootElement), Tools = [Weather],
        };
        await harness.Ask("Who?", options);
        Assert.Contains("Reasoning Mode: /no_think\n", harness.LastPrompt);
        Assert.Contains("trained by Hugging Face.\n\nAnswer with one JSON value", harness.LastPrompt);
        Assert.Contains(json, harness.LastPrompt);

        options.Instructions = "Be kind. /think";
        await harness.Ask("Who?", options);
        Assert.Contains("Reasoning Mode: /think\n", harness.LastPrompt);
        Assert.Contains("Be kind.\n\nAnswer with one JSON value", harness.LastPrompt);
        Assert.Contains(json, harness.LastPrompt);
    }

    [Fact]
    public async Task Options_and_messages_of_the_caller_are_not_changed()
    {
        ClientHarness harness = new("\"Hi\"");
        ChatOptions options = new()
        {
            Instructions = "Be brief.", Tools = [Weather], StopSequences = ["x"],
            AdditionalProperties = new() { ["min_p"] = 0.1 },
            ResponseFormat = ChatResponseFormat.Json,
        };
        List<ChatMessage> messages = [new(ChatRole.System, "A"), new(ChatRole.User, "B")];
        string before = JsonSerializer.Serialize(options, AIJsonUtilities.DefaultOptions)
            + JsonSerializer.Serialize(messages, AIJsonUtilities.DefaultOptions);
        await harness.Client.GetResponseAsync(messages, options);

        Assert.Equal(before, JsonSerializer.Serialize(options, AIJsonUtilities.DefaultOptions)
            + JsonSerializer.Serialize(messages, AIJsonUtilities.DefaultOptions));
        Assert.Single(options.Tools);
    }
}
