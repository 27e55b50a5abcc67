using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace SmolLM3.Extensions.SemanticKernel.Tests;

public class SmolLM3PromptExecutionSettingsTests
{
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string"}}}""";

    private const string All =
        """
        {
          "service_id": "local", "model_id": "smollm3", "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.05,
          "frequency_penalty": 0.1, "presence_penalty": 0.2, "repetition_penalty": 1.1, "seed": 7, "max_tokens": 100,
          "stop_sequences": ["END"], "reasoning_effort": "none", "thinking_budget": 64,
          "response_format": {"type":"object","properties":{"city":{"type":"string"}}},
          "required_function": "Weather-GetWeather", "lora_adapters": {"formal": 0.5}, "other": true
        }
        """;

    private static readonly JsonSerializerOptions WithoutNulls =
        new() { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    public static TheoryData<string, string?> Formats => new()
    {
        { "\"text\"", null },
        { "\"json_object\"", "" },
        { Schema, Schema },
        { JsonSerializer.Serialize(Schema), Schema },
        { $$$"""{"type":"json_schema","json_schema":{"name":"place","schema":{{{Schema}}}}}""", Schema },
    };

    [Fact]
    public void Json_has_snake_case_names_and_comes_back_the_same()
    {
        SmolLM3PromptExecutionSettings settings = JsonSerializer.Deserialize<SmolLM3PromptExecutionSettings>(All)!;
        Assert.Equal(0.5f, settings.Temperature);
        Assert.Equal(ReasoningEffort.None, settings.ReasoningEffort);
        Assert.Equal(["other"], settings.ExtensionData!.Keys);
        Assert.True(JsonElement.DeepEquals(Parse(All), Parse(Write(settings))));
        Assert.True(JsonElement.DeepEquals(Parse(All), Parse(Write(settings.Clone()))));
    }

    [Fact]
    public void Other_settings_become_ours_by_their_names()
    {
        PromptExecutionSettings other = JsonSerializer.Deserialize<PromptExecutionSettings>(All)!;
        other.FunctionChoiceBehavior = FunctionChoiceBehavior.Auto();
        SmolLM3PromptExecutionSettings settings = SmolLM3PromptExecutionSettings.FromExecutionSettings(other);
        Assert.Equal("smollm3", settings.ModelId);
        Assert.Equal(64, settings.ThinkingBudget);
        Assert.Equal(0.5f, settings.LoraAdapters!["formal"]);
        Assert.Equal(["other"], settings.ExtensionData!.Keys);
        Assert.Same(other.FunctionChoiceBehavior, settings.FunctionChoiceBehavior);
        Assert.Same(settings, SmolLM3PromptExecutionSettings.FromExecutionSettings(settings));
        Assert.Null(SmolLM3PromptExecutionSettings.FromExecutionSettings(null).Temperature);
    }

    [Fact]
    public void Numbers_may_come_as_text_and_a_wrong_type_is_named()
    {
        Assert.Equal(0.25f, From("temperature", "0.25").Temperature);
        Assert.Equal(12, From("max_tokens", 12.0).MaxTokens);
        Assert.Contains("temperature", Assert.Throws<JsonException>(() => From("temperature", "hot")).Message);
        Assert.Contains("xhigh", Assert.Throws<JsonException>(() => From("reasoning_effort", "much")).Message);
    }

    [Fact]
    public void Yaml_gives_texts_lists_and_maps()
    {
        // What the kernel's reader of YAML makes of execution_settings: every scalar is text, keys are objects.
        SmolLM3PromptExecutionSettings settings = SmolLM3PromptExecutionSettings.FromExecutionSettings(new()
        {
            ExtensionData = new Dictionary<string, object>
            {
                ["min_p"] = "0.05",
                ["thinking_budget"] = "64",
                ["reasoning_effort"] = "none",
                ["stop_sequences"] = new List<object> { "END" },
                ["lora_adapters"] = new Dictionary<object, object> { ["formal"] = "0.5" },
                ["response_format"] = new Dictionary<object, object>
                {
                    ["type"] = "object",
                    ["required"] = new List<object> { "city" },
                },
            },
        });
        Assert.Equal(0.05f, settings.MinP);
        Assert.Equal(64, settings.ThinkingBudget);
        Assert.Equal(ReasoningEffort.None, settings.ReasoningEffort);
        Assert.Equal(["END"], settings.StopSequences!);
        Assert.Equal(0.5f, settings.LoraAdapters!["formal"]);
        var format = Assert.IsType<ChatResponseFormatJson>(Map(settings).ResponseFormat);
        Assert.Equal("""{"type":"object","required":["city"]}""", format.Schema!.Value.GetRawText());
    }

    [Theory]
    [InlineData("none", ReasoningEffort.None)]
    [InlineData("minimal", ReasoningEffort.Low)]
    [InlineData("Medium", ReasoningEffort.Medium)]
    [InlineData("high", ReasoningEffort.High)]
    [InlineData("xhigh", ReasoningEffort.ExtraHigh)]
    public void Efforts_are_spelt_as_openai_does(string text, ReasoningEffort effort) =>
        Assert.Equal(effort, From("reasoning_effort", text).ReasoningEffort);

    [Fact]
    public void Frozen_settings_do_not_change()
    {
        SmolLM3PromptExecutionSettings settings = JsonSerializer.Deserialize<SmolLM3PromptExecutionSettings>(All)!;
        settings.Freeze();
        settings.Freeze();
        Assert.Throws<InvalidOperationException>(() => settings.Temperature = 1);
        Assert.Throws<InvalidOperationException>(() => settings.ResponseFormat = "text");
        Assert.Throws<NotSupportedException>(() => settings.StopSequences!.Add("more"));
        Assert.Throws<NotSupportedException>(() => settings.LoraAdapters!["formal"] = 1);

        var copy = (SmolLM3PromptExecutionSettings)settings.Clone();
        copy.StopSequences!.Add("more");
        copy.LoraAdapters!["formal"] = 1;
        Assert.Equal(["END"], settings.StopSequences);
        Assert.Equal(0.5f, settings.LoraAdapters!["formal"]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_response_format_is_a_name_or_a_schema(string json, string? schema)
    {
        ChatOptions options = Map(From("response_format", Parse(json)));
        if (schema is null)
        {
            Assert.IsType<ChatResponseFormatText>(options.ResponseFormat);
            return;
        }

        ChatResponseFormatJson format = Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat);
        Assert.Equal(schema, format.Schema?.GetRawText() ?? "");
    }

    [Fact]
    public void A_type_stands_for_its_schema()
    {
        SmolLM3PromptExecutionSettings settings = new() { ResponseFormat = typeof(Place) };
        var format = Assert.IsType<ChatResponseFormatJson>(Map(settings).ResponseFormat);
        Assert.Contains("\"city\"", format.Schema!.Value.GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"city\"", JsonSerializer.Serialize(settings), StringComparison.OrdinalIgnoreCase);
        Assert.Throws<ArgumentException>(() => Map(new() { ResponseFormat = "yaml" }));
        Assert.Throws<ArgumentException>(() => Map(new() { ResponseFormat = 3 }));
    }

    [Fact]
    public void The_kernels_own_conversion_loses_nothing()
    {
        SmolLM3PromptExecutionSettings settings = JsonSerializer.Deserialize<SmolLM3PromptExecutionSettings>(All)!;
        settings.RequiredFunction = null;
        settings.ModelId = null;
        foreach (Kernel? kernel in new[] { new Kernel(), null })
        {
            ChatOptions options = settings.ToChatOptions(kernel);
            Assert.Equal(ReasoningEffort.None, options.Reasoning!.Effort);
            Assert.Equal(0.5f, options.Temperature);
            Assert.Equal(0.9f, options.TopP);
            Assert.Equal(40, options.TopK);
            Assert.Equal(0.1f, options.FrequencyPenalty);
            Assert.Equal(0.2f, options.PresencePenalty);
            Assert.Equal(7, options.Seed);
            Assert.Equal(100, options.MaxOutputTokens);
            Assert.Equal(["END"], options.StopSequences!);
            Assert.Equal(Schema, ((ChatResponseFormatJson)options.ResponseFormat!).Schema!.Value.GetRawText());
            Assert.Equal(0.05f, options.AdditionalProperties!["min_p"]);
            Assert.Equal(1.1f, options.AdditionalProperties["repetition_penalty"]);
            Assert.Equal(64, options.AdditionalProperties["thinking_budget"]);
            Assert.Equal(
                new Dictionary<string, float> { ["formal"] = 0.5f }, options.AdditionalProperties["lora_adapters"]);
        }
    }

    private static ChatOptions Map(SmolLM3PromptExecutionSettings settings) => settings.ToChatOptions(null);

    private static SmolLM3PromptExecutionSettings From(string name, object value) =>
        SmolLM3PromptExecutionSettings.FromExecutionSettings(
            new PromptExecutionSettings { ExtensionData = new Dictionary<string, object> { [name] = value } });

    private static string Write(PromptExecutionSettings settings) =>
        JsonSerializer.Serialize((SmolLM3PromptExecutionSettings)settings, WithoutNulls);

    private static JsonElement Parse(string json) => JsonElement.Parse(json);

    private sealed record Place(string City);
}
