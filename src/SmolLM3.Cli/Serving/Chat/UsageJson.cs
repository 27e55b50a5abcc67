using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Counted tokens in OpenAI's form.</summary>
internal static class UsageJson
{
    /// <summary>The usage of a request: a prompt counts once, however many answers it has.</summary>
    /// <param name="choices">The usage of each answer, those of one prompt one after the other.</param>
    /// <param name="choicesOfPrompt">How many those are.</param>
    public static JsonObject Of(IReadOnlyList<UsageDetails> choices, int choicesOfPrompt)
    {
        UsageDetails[] prompts = [.. choices.Where((_, i) => i % choicesOfPrompt == 0)];
        long prompt = prompts.Sum(usage => usage.InputTokenCount ?? 0);
        long completion = choices.Sum(usage => usage.OutputTokenCount ?? 0);
        return new JsonObject
        {
            ["prompt_tokens"] = prompt,
            ["completion_tokens"] = completion,
            ["total_tokens"] = prompt + completion,
            ["prompt_tokens_details"] = new JsonObject
            {
                ["cached_tokens"] = prompts.Sum(usage => usage.CachedInputTokenCount ?? 0),
            },
            ["completion_tokens_details"] = new JsonObject
            {
                ["reasoning_tokens"] = choices.Sum(usage => usage.ReasoningTokenCount ?? 0),
            },
        };
    }
}
