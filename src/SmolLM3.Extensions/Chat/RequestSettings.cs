using System.Text.Json;
using SmolLM3.Extensions.Adapters;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Chat;

/// <summary>All that a request asks for besides its messages, settled: nothing in it is the caller's own
/// object.</summary>
internal sealed record RequestSettings
{
    public required SamplingOptions Sampling { get; init; }

    /// <summary>Most tokens of the answer; null: the rest of the context.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Most time in the generator; null: no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What happens when the context does not hold the conversation.</summary>
    public ContextOverflow ContextOverflow { get; init; }

    public IReadOnlyList<string> StopSequences { get; init; } = [];

    /// <summary>Tokens that end the answer beside the model's own.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>Whether the updates have the ids of their tokens.</summary>
    public bool ReturnsTokenIds { get; init; }

    /// <summary>Text of <c>ChatOptions.Instructions</c>, or null.</summary>
    public string? Instructions { get; init; }

    /// <summary>What the model is told about the form of its answer, or null.</summary>
    public string? FormatInstruction { get; init; }

    /// <summary>What form the text of the answer must have; null: any. Without a member set, any JSON.</summary>
    public AnswerForm? Form { get; init; }

    /// <summary>A constraint the caller brings along.</summary>
    public ITokenConstraint? Constraint { get; init; }

    /// <summary>Adapters by name, each once.</summary>
    public IReadOnlyList<AdapterChoice> Adapters { get; init; } = [];

    /// <summary>The mode asked for; a flag in the system text still wins.</summary>
    public bool EnableThinking { get; init; }

    /// <summary>Whether the request itself named that mode, rather than the client's options.</summary>
    public bool NamesThinking { get; init; }

    /// <summary>Most tokens of the thought.</summary>
    public int ThinkingTokens { get; init; }

    /// <summary>Whether thoughts are kept from the caller.</summary>
    public bool HidesThoughts { get; init; }

    /// <summary>Tool dictionaries for the prompt.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    public ToolChoice ToolChoice { get; init; }

    /// <summary>The tools that may be called.</summary>
    public IReadOnlyList<JsonElement> CallableTools { get; init; } = [];

    /// <summary>What the prompt says can be called from code; null: no code is run.</summary>
    public IReadOnlyList<JsonElement>? PythonTools { get; init; }

    /// <summary>Whether the model may write code to be run.</summary>
    public bool MayCode { get; init; }

    /// <summary>Whether the answer ends with its first call.</summary>
    public bool SingleCall { get; init; }
}
