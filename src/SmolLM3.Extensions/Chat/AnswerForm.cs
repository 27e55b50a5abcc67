using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>What form the text of an answer must have; one of these.</summary>
internal sealed record AnswerForm
{
    /// <summary>JSON that follows this schema.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>A text that this regular expression matches as a whole.</summary>
    public string? Pattern { get; init; }

    /// <summary>One of these texts.</summary>
    public IReadOnlyList<string>? Choices { get; init; }
}
