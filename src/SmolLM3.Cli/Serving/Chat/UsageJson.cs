using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Counted tokens in OpenAI's form.</summary>
internal static class UsageJson
{
    /// <summary>The usage of a request: its prompt counts once, however many answers it has.</summary>
    public static JsonObject Of(IReadOnlyList<UsageDetails> choices)
    {
        long prompt = choices[0].InputTokenCount ?? 0;
        long completion = choices.Sum(usage => usage.OutputTokenCount ?? 0);
        return new JsonObject
        {
            ["prompt_tokens"] = prompt,
            ["completion_tokens"] = completion,
            ["total_tokens"] = prompt + completion,
            ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = choices[0].CachedInputTokenCount ?? 0 },
            ["completion_tokens_details"] = new JsonObject
            {
                ["reasoning_tokens"] = choices.Sum(usage => usage.ReasoningTokenCount ?? 0),
            },
        };
    }
}
