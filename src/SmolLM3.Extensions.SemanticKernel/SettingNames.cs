namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>Names of settings that the client looks for in <c>ChatOptions.AdditionalProperties</c>, and of one that it
/// must not see there.</summary>
internal static class SettingNames
{
    public const string MinP = "min_p";
    public const string RepetitionPenalty = "repetition_penalty";
    public const string ThinkingBudget = "thinking_budget";
    public const string LoraAdapters = "lora_adapters";
    public const string RequiredFunction = "required_function";
}
