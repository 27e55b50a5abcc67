using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>Everything the chat template is rendered from.</summary>
internal sealed record PromptRequest
{
    /// <summary>The conversation. A system message in front becomes the header; an empty list is allowed.</summary>
    public required IReadOnlyList<PromptMessage> Messages { get; init; }

    /// <summary>Tool dictionaries to be called as <c>&lt;tool_call&gt;</c> JSON, written as they are given.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    /// <summary>Functions that can be called from <c>&lt;code&gt;</c> blocks: dictionaries or texts, written as they are
    /// given. Null: no code is run; an empty list: there are no functions beside Python's own.</summary>
    public IReadOnlyList<JsonElement>? PythonTools { get; init; }

    /// <summary>The mode asked for; <c>/think</c> or <c>/no_think</c> in the system text wins.</summary>
    public required bool EnableThinking { get; init; }

    /// <summary>The date the header names.</summary>
    public required DateOnly Today { get; init; }

    /// <summary>Whether the prompt ends with the opening of an assistant turn.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>The prompt of a request.</summary>
    public static PromptRequest From(IReadOnlyList<PromptMessage> messages, RequestSettings settings, DateOnly today) =>
        new()
        {
            Messages = messages,
            Tools = settings.Tools,
            PythonTools = settings.PythonTools,
            EnableThinking = settings.EnableThinking,
            Today = today,
        };
}
