using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// From <see cref="ChatOptions"/> to <see cref="RequestSettings"/>. A value is looked for in this order:
/// <see cref="SmolLM3RequestOptions"/>, AdditionalProperties, the members of <see cref="ChatOptions"/>, the client's
/// own options.
/// </summary>
internal static class RequestMapping
{
    /// <summary>Maps what a request asks for. The caller's objects are read, never changed or kept.</summary>
    /// <param name="options">What the request asks for.</param>
    /// <param name="raw">What its RawRepresentationFactory returned, when that is ours.</param>
    /// <param name="defaults">The client's options.</param>
    /// <exception cref="ArgumentException">A value is of a wrong type or out of its range, or a tool is required that
    /// is not there.</exception>
    public static RequestSettings ToSettings(ChatOptions? options, SmolLM3RequestOptions? raw, SmolLM3Options defaults)
    {
        RequestProperties more = new(options?.AdditionalProperties);
        int? budget = raw?.ThinkingBudget ?? more.ThinkingBudget;
        Require(budget is null or >= 0, nameof(SmolLM3RequestOptions.ThinkingBudget), budget, "at least 0");
        int? maxOutputTokens = raw?.MaxOutputTokens ?? options?.MaxOutputTokens ?? defaults.MaxOutputTokens;
        Require(maxOutputTokens is null or >= 1, nameof(ChatOptions.MaxOutputTokens), maxOutputTokens, "at least 1");
        if (raw?.Timeout <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(SmolLM3RequestOptions.Timeout), raw.Timeout, "Timeout must be more than no time.");
        }

        ContextOverflow overflow = raw?.ContextOverflow ?? defaults.ContextOverflow;
        Require(
            Enum.IsDefined(overflow), nameof(SmolLM3RequestOptions.ContextOverflow), overflow, "a value of its type");
        ToolSettings tools = ToolMapping.ToSettings(options, raw?.PythonFunctions == true);
        return new RequestSettings
        {
            Sampling = ToSampling(options, raw, more, defaults),
            MaxOutputTokens = maxOutputTokens,
            Timeout = raw?.Timeout,
            ContextOverflow = overflow,
            StopSequences = [.. raw?.StopSequences ?? options?.StopSequences ?? []],
            StopTokens = [.. raw?.StopTokens ?? []],
            ReturnsTokenIds = raw?.ReturnTokenIds ?? false,
            Instructions = options?.Instructions,
            FormatInstruction = ResponseFormatText.For(options?.ResponseFormat),
            EnableThinking = WantsThinking(options?.Reasoning?.Effort, budget) ?? defaults.EnableThinking,
            NamesThinking = WantsThinking(options?.Reasoning?.Effort, budget) is not null,
            ThinkingTokens = budget is > 0 ? budget.Value : ToBudget(options?.Reasoning?.Effort, defaults),
            HidesThoughts = options?.Reasoning?.Output == ReasoningOutput.None,
            Tools = tools.Tools,
            ToolChoice = tools.Choice,
            CallableTools = tools.Callable,
            PythonTools = tools.Python,
            MayCode = tools.MayCode,
            Form = ToForm(options, raw),
            Constraint = raw?.Constraint,
            Adapters = ToAdapters(raw?.LoraAdapters ?? more.LoraAdapters, defaults),
            SingleCall = options?.AllowMultipleToolCalls == false,
        };
    }

    private static AdapterChoice[] ToAdapters(IReadOnlyDictionary<string, float>? asked, SmolLM3Options defaults)
    {
        AdapterChoice[] choices = asked is null
            ? [.. defaults.LoraAdapters.Select(adapter => new AdapterChoice(adapter.Key, adapter.Value.Scale))
                .Where(choice => choice.Scale != 0)]
            : [.. asked.Select(adapter => new AdapterChoice(adapter.Key, adapter.Value))];
        foreach ((string name, float scale) in choices)
        {
            Require(
                float.IsFinite(scale), nameof(SmolLM3RequestOptions.LoraAdapters), scale, $"finite for '{name}'");
        }

        return choices;
    }

    private static AnswerForm? ToForm(ChatOptions? options, SmolLM3RequestOptions? raw)
    {
        List<AnswerForm> forms = [];
        if (options?.ResponseFormat is ChatResponseFormatJson json)
        {
            forms.Add(new AnswerForm { Schema = json.Schema?.Clone() });
        }

        if (raw?.Regex is { } pattern)
        {
            forms.Add(new AnswerForm { Pattern = pattern });
        }

        if (raw?.Choices is { } choices)
        {
            string[] texts = [.. choices];
            forms.Add(texts.Length > 0 && !texts.Any(string.IsNullOrEmpty)
                ? new AnswerForm { Choices = texts }
                : throw new ArgumentException("Choices must be one or more texts, none of them empty."));
        }

        return forms.Count <= 1
            ? forms.FirstOrDefault()
            : throw new ArgumentException(
                "An answer has one form: set one of ChatOptions.ResponseFormat, Regex and Choices.");
    }

    private static SamplingOptions ToSampling(
        ChatOptions? options, SmolLM3RequestOptions? raw, RequestProperties more, SmolLM3Options defaults)
    {
        IReadOnlyDictionary<int, float>? bias = raw?.LogitBias is { } rawBias
            ? new Dictionary<int, float>(rawBias)
            : more.LogitBias;
        SamplingOptions sampling = new()
        {
            Temperature = raw?.Temperature ?? options?.Temperature ?? defaults.Temperature,
            TopP = raw?.TopP ?? options?.TopP ?? defaults.TopP,
            TopK = raw?.TopK ?? options?.TopK ?? defaults.TopK,
            MinP = raw?.MinP ?? more.MinP ?? defaults.MinP,
            FrequencyPenalty = raw?.FrequencyPenalty ?? options?.FrequencyPenalty ?? 0,
            PresencePenalty = raw?.PresencePenalty ?? options?.PresencePenalty ?? 0,
            RepetitionPenalty = raw?.RepetitionPenalty ?? more.RepetitionPenalty ?? defaults.RepetitionPenalty,
            Seed = raw?.Seed ?? options?.Seed,
            LogitBias = bias,
            TopLogProbabilities = raw?.TopLogProbabilities ?? more.TopLogProbabilities ?? 0,
        };

        // Ranges are checked now, token ids once the vocabulary is known.
        sampling.Validate(int.MaxValue);
        return sampling;
    }

    /// <summary>Effort decides; without it a thinking budget does; without both the request has no wish.</summary>
    private static bool? WantsThinking(ReasoningEffort? effort, int? budget) => (effort, budget) switch
    {
        (ReasoningEffort.None, _) or (_, 0) => false,
        (not null, _) or (_, > 0) => true,
        _ => null,
    };

    private static int ToBudget(ReasoningEffort? effort, SmolLM3Options defaults) => effort switch
    {
        ReasoningEffort.Low => defaults.LowThinkingTokens,
        ReasoningEffort.High => defaults.HighThinkingTokens,
        ReasoningEffort.ExtraHigh => defaults.ExtraHighThinkingTokens,
        _ => defaults.MediumThinkingTokens,
    };

    private static void Require(bool holds, string name, object? value, string range)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
        }
    }
}
