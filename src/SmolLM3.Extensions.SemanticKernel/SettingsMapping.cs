using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>From prompt execution settings of any kind to ours, and from ours to <see cref="ChatOptions"/>.</summary>
internal static class SettingsMapping
{
    /// <summary>JSON on one line: the schema of an answer goes into the prompt as it is.</summary>
    public static readonly JsonSerializerOptions Compact = new(AIJsonUtilities.DefaultOptions)
    {
        WriteIndented = false,
        Converters = { new TypeSchemaConverter() },
    };

    /// <summary>Settings of another kind as ours: by their names in JSON.</summary>
    public static SmolLM3PromptExecutionSettings FromOther(PromptExecutionSettings? other)
    {
        if (other is null)
        {
            return new SmolLM3PromptExecutionSettings();
        }

        JsonElement names = JsonSerializer.SerializeToElement(other, Compact.GetTypeInfo(other.GetType()));
        var settings = (SmolLM3PromptExecutionSettings)names.Deserialize(
            Compact.GetTypeInfo(typeof(SmolLM3PromptExecutionSettings)))!;

        // Its JSON does not have the functions themselves.
        settings.FunctionChoiceBehavior = other.FunctionChoiceBehavior;
        return settings;
    }

    /// <summary>Sets in options what settings ask for.</summary>
    public static void Apply(SmolLM3PromptExecutionSettings settings, ChatOptions options)
    {
        options.Temperature = settings.Temperature ?? options.Temperature;
        options.TopP = settings.TopP ?? options.TopP;
        options.TopK = settings.TopK ?? options.TopK;
        options.FrequencyPenalty = settings.FrequencyPenalty ?? options.FrequencyPenalty;
        options.PresencePenalty = settings.PresencePenalty ?? options.PresencePenalty;
        options.Seed = settings.Seed ?? options.Seed;
        options.MaxOutputTokens = settings.MaxTokens ?? options.MaxOutputTokens;
        options.StopSequences = settings.StopSequences is { } stops ? [.. stops] : options.StopSequences;
        if (settings.ReasoningEffort is { } effort)
        {
            (options.Reasoning ??= new()).Effort = effort;
        }

        if (settings.ResponseFormat is { } format)
        {
            options.ResponseFormat = ResponseFormats.ToChat(format);
        }

        SetProperty(options, SettingNames.MinP, settings.MinP);
        SetProperty(options, SettingNames.RepetitionPenalty, settings.RepetitionPenalty);
        SetProperty(options, SettingNames.ThinkingBudget, settings.ThinkingBudget);
        SetProperty(options, SettingNames.LoraAdapters, settings.LoraAdapters is { } adapters
            ? new Dictionary<string, float>(adapters)
            : null);
        options.AdditionalProperties?.Remove(SettingNames.RequiredFunction);
        if (settings.RequiredFunction is { } name)
        {
            Require(name, options);
        }
    }

    private static void Require(string name, ChatOptions options) =>
        options.ToolMode = options.ToolMode is not NoneChatToolMode
            ? ChatToolMode.RequireSpecific(new KernelTools(options.Tools).FindName(name))
            : throw new ArgumentException(
                $"The settings require a call of '{name}', but their FunctionChoiceBehavior allows none.");

    private static void SetProperty(ChatOptions options, string name, object? value)
    {
        if (value is not null)
        {
            (options.AdditionalProperties ??= [])[name] = value;
        }
    }
}
