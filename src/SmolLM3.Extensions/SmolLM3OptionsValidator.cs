using Microsoft.Extensions.Options;

namespace SmolLM3.Extensions;

/// <summary>Says everything that is wrong with the options at once, one message a rule.</summary>
internal sealed class SmolLM3OptionsValidator : IValidateOptions<SmolLM3Options>
{
    public ValidateOptionsResult Validate(string? name, SmolLM3Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> failures = [.. Failures(options)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>For clients made without a container.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong; all of it is listed.</exception>
    public static void ThrowIfInvalid(SmolLM3Options options)
    {
        List<string> failures = [.. Failures(options)];
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(nameof(SmolLM3Options), typeof(SmolLM3Options), failures);
        }
    }

    private static IEnumerable<string> Failures(SmolLM3Options o)
    {
        (bool Holds, string Rule)[] rules =
        [
            (o.FindSource() is not null,
                "No model is set. Leave SmolLM3Options.Model at its default, which is downloaded at first use, set it to a "
                + "name on the hub or to the path of a SmolLM3 GGUF file, or start without a download: "
                + "options.UseTinyModel() from the package SmolLM3.TinyModel."),
            (o.ModelId is null || !string.IsNullOrWhiteSpace(o.ModelId),
                "ModelId must be null or a name."),
            (o.ContextLength is null or >= 1, AtLeast(nameof(o.ContextLength), 1, o.ContextLength)),
            (Enum.IsDefined(o.ContextOverflow),
                $"ContextOverflow must be Error or DropOldestTurns, but is {Show(o.ContextOverflow)}."),
            (o.MaxSequences is >= 1 and <= SmolLM3Defaults.MostSequences,
                $"MaxSequences must be from 1 to {SmolLM3Defaults.MostSequences}, but is {Show(o.MaxSequences)}."),
            (o.CapacityTokens is null or >= 1, AtLeast(nameof(o.CapacityTokens), 1, o.CapacityTokens)),
            (o.MaxQueuedRequests >= 0, AtLeast(nameof(o.MaxQueuedRequests), 0, o.MaxQueuedRequests)),
            (o.MaxCachedTokens is null or >= 0, AtLeast(nameof(o.MaxCachedTokens), 0, o.MaxCachedTokens)),
            (o.TargetStepTime > TimeSpan.Zero,
                $"TargetStepTime must be more than no time, but is {Show(o.TargetStepTime)}."),
            (o.Threads is null or >= 1, AtLeast(nameof(o.Threads), 1, o.Threads)),
            (o.YarnFactor is null || (float.IsFinite(o.YarnFactor.Value) && o.YarnFactor >= 1),
                AtLeast(nameof(o.YarnFactor), 1, o.YarnFactor)),
            (Enum.IsDefined(o.KvCacheType), $"KvCacheType must be F16 or Q8_0, but is {Show(o.KvCacheType)}."),
            (o.MaxOutputTokens is null or >= 1, AtLeast(nameof(o.MaxOutputTokens), 1, o.MaxOutputTokens)),
            (float.IsFinite(o.Temperature) && o.Temperature >= 0, AtLeast(nameof(o.Temperature), 0, o.Temperature)),
            (o.TopP is >= 0 and <= 1, $"TopP must be from 0 to 1, but is {Show(o.TopP)}."),
            (o.TopK >= 0, AtLeast(nameof(o.TopK), 0, o.TopK)),
            (o.MinP is >= 0 and <= 1, $"MinP must be from 0 to 1, but is {Show(o.MinP)}."),
            (float.IsFinite(o.RepetitionPenalty) && o.RepetitionPenalty > 0,
                $"RepetitionPenalty must be above 0, but is {Show(o.RepetitionPenalty)}."),
            (o.LowThinkingTokens >= 1, AtLeast(nameof(o.LowThinkingTokens), 1, o.LowThinkingTokens)),
            (o.MediumThinkingTokens >= 1, AtLeast(nameof(o.MediumThinkingTokens), 1, o.MediumThinkingTokens)),
            (o.HighThinkingTokens >= 1, AtLeast(nameof(o.HighThinkingTokens), 1, o.HighThinkingTokens)),
            (o.ExtraHighThinkingTokens >= 1, AtLeast(nameof(o.ExtraHighThinkingTokens), 1, o.ExtraHighThinkingTokens)),
        ];
        return rules.Where(rule => !rule.Holds).Select(rule => rule.Rule).Concat(AdapterFailures(o.LoraAdapters));
    }

    private static IEnumerable<string> AdapterFailures(IDictionary<string, SmolLM3Adapter>? adapters)
    {
        if (adapters is null)
        {
            yield return "LoraAdapters must be a dictionary; empty: no adapters.";
            yield break;
        }

        foreach ((string name, SmolLM3Adapter? adapter) in adapters)
        {
            string place = $"LoraAdapters[\"{name}\"]";
            if (string.IsNullOrWhiteSpace(name))
            {
                yield return $"{place} must have a name.";
            }

            if (string.IsNullOrWhiteSpace(adapter?.Path))
            {
                yield return $"{place}.Path must be the path of a LoRA adapter in GGUF.";
            }

            if (adapter is not null && !float.IsFinite(adapter.Scale))
            {
                yield return $"{place}.Scale must be a finite number, but is {Show(adapter.Scale)}.";
            }
        }
    }

    private static string AtLeast(string name, int least, object? value) =>
        $"{name} must be at least {least}, but is {Show(value)}.";

    private static string Show(object? value) => FormattableString.Invariant($"{value}");
}
