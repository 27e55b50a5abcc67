using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>What one prompt asks of SmolLM3. What is null is left to the client's <see cref="SmolLM3Options"/>.</summary>
/// <remarks>As JSON its names are in snake case. They stand for the same in the <c>execution_settings</c> of a prompt
/// template and in the <c>ExtensionData</c> of any other settings.</remarks>
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed class SmolLM3PromptExecutionSettings : PromptExecutionSettings
{
    /// <summary>Sampling temperature; 0 takes the likeliest token each time.</summary>
    [JsonPropertyName("temperature")]
    public float? Temperature { get; set => Set(ref field, value); }

    /// <summary>Share of the probability that is sampled from, 0 to 1.</summary>
    [JsonPropertyName("top_p")]
    public float? TopP { get; set => Set(ref field, value); }

    /// <summary>Number of likeliest tokens that are sampled from; 0: all.</summary>
    [JsonPropertyName("top_k")]
    public int? TopK { get; set => Set(ref field, value); }

    /// <summary>Least probability, as a part of the likeliest token's, 0 to 1.</summary>
    [JsonPropertyName(SettingNames.MinP)]
    public float? MinP { get; set => Set(ref field, value); }

    /// <summary>Subtracted from a token's logit for each time it came before.</summary>
    [JsonPropertyName("frequency_penalty")]
    public float? FrequencyPenalty { get; set => Set(ref field, value); }

    /// <summary>Subtracted from a token's logit once it came before.</summary>
    [JsonPropertyName("presence_penalty")]
    public float? PresencePenalty { get; set => Set(ref field, value); }

    /// <summary>Divides the logits of tokens that came before; above 0, 1: off.</summary>
    [JsonPropertyName(SettingNames.RepetitionPenalty)]
    public float? RepetitionPenalty { get; set => Set(ref field, value); }

    /// <summary>Where the random numbers start; null: another for each request.</summary>
    [JsonPropertyName("seed")]
    public long? Seed { get; set => Set(ref field, value); }

    /// <summary>Most tokens of the answer, thoughts included.</summary>
    [JsonPropertyName("max_tokens")]
    public int? MaxTokens { get; set => Set(ref field, value); }

    /// <summary>Texts that end the answer; they are not part of it.</summary>
    [JsonPropertyName("stop_sequences")]
    public IList<string>? StopSequences { get; set => Set(ref field, value); }

    /// <summary>How much the model thinks before it answers; <see cref="ReasoningEffort.None"/>: not at all.</summary>
    /// <remarks>As JSON <c>none</c>, <c>low</c>, <c>medium</c>, <c>high</c> or <c>xhigh</c>.</remarks>
    [JsonPropertyName("reasoning_effort")]
    [JsonConverter(typeof(ReasoningEffortConverter))]
    public ReasoningEffort? ReasoningEffort { get; set => Set(ref field, value); }

    /// <summary>Most tokens of the thought; 0: no thinking. A number above 0 turns thinking on unless
    /// <see cref="ReasoningEffort"/> turns it off.</summary>
    [JsonPropertyName(SettingNames.ThinkingBudget)]
    public int? ThinkingBudget { get; set => Set(ref field, value); }

    /// <summary>What the answer is held to: <c>"text"</c>, <c>"json_object"</c>, a JSON schema as a
    /// <see cref="System.Text.Json.JsonElement"/> or its text, a <see cref="Type"/> whose schema is taken, or a
    /// <see cref="ChatResponseFormat"/>.</summary>
    /// <remarks>The object <c>{"type": "json_schema", "json_schema": {"schema": …}}</c> of OpenAI is understood
    /// too.</remarks>
    [JsonPropertyName("response_format")]
    [JsonConverter(typeof(ResponseFormatConverter))]
    public object? ResponseFormat { get; set => Set(ref field, value); }

    /// <summary>The function the answer begins with a call of, though the model is told of all that
    /// <c>FunctionChoiceBehavior</c> offers: <c>Plugin-Function</c>, <c>Plugin.Function</c>, or the function's name
    /// alone where only one plugin has it.</summary>
    /// <remarks>Not with <c>FunctionChoiceBehavior.None()</c>. A name that is not offered throws
    /// <see cref="ArgumentException"/>.</remarks>
    [JsonPropertyName(SettingNames.RequiredFunction)]
    public string? RequiredFunction { get; set => Set(ref field, value); }

    /// <summary>The LoRA adapters of the request, names to scales; empty: none.</summary>
    [JsonPropertyName(SettingNames.LoraAdapters)]
    public IDictionary<string, float>? LoraAdapters { get; set => Set(ref field, value); }

    /// <summary>Any settings as those of SmolLM3.</summary>
    /// <param name="settings">Settings of any kind; null: nothing is asked for. Read, never changed.</param>
    /// <returns>The same object where it is one already; otherwise a new one with all whose names it has, and the others
    /// in <c>ExtensionData</c>.</returns>
    /// <exception cref="System.Text.Json.JsonException">A value is of a wrong type; its name is in the
    /// message.</exception>
    public static SmolLM3PromptExecutionSettings FromExecutionSettings(PromptExecutionSettings? settings) =>
        settings as SmolLM3PromptExecutionSettings ?? SettingsMapping.FromOther(settings);

    /// <inheritdoc/>
    public override void Freeze()
    {
        if (!IsFrozen)
        {
            StopSequences = StopSequences is { } stops ? new ReadOnlyCollection<string>([.. stops]) : null;
            LoraAdapters = LoraAdapters is { } adapters
                ? new ReadOnlyDictionary<string, float>(new Dictionary<string, float>(adapters))
                : null;
            base.Freeze();
        }
    }

    /// <inheritdoc/>
    public override PromptExecutionSettings Clone() => new SmolLM3PromptExecutionSettings
    {
        ServiceId = ServiceId,
        ModelId = ModelId,
        FunctionChoiceBehavior = FunctionChoiceBehavior,
        ExtensionData = ExtensionData is { } more ? new Dictionary<string, object>(more) : null,
        Temperature = Temperature,
        TopP = TopP,
        TopK = TopK,
        MinP = MinP,
        FrequencyPenalty = FrequencyPenalty,
        PresencePenalty = PresencePenalty,
        RepetitionPenalty = RepetitionPenalty,
        Seed = Seed,
        MaxTokens = MaxTokens,
        StopSequences = StopSequences is { } stops ? [.. stops] : null,
        ReasoningEffort = ReasoningEffort,
        ThinkingBudget = ThinkingBudget,
        ResponseFormat = ResponseFormat,
        RequiredFunction = RequiredFunction,
        LoraAdapters = LoraAdapters is { } adapters ? new Dictionary<string, float>(adapters) : null,
    };

    /// <summary>Called where the kernel converts these settings itself, for an <see cref="IChatClient"/>: what its
    /// conversion loses is put back.</summary>
    /// <inheritdoc/>
    protected override void PrepareChatOptionsForRequest(ChatOptions options) => SettingsMapping.Apply(this, options);

    private void Set<T>(ref T field, T value)
    {
        ThrowIfFrozen();
        field = value;
    }
}
