using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>A tool call the model wrote, well or badly.</summary>
internal sealed record OutputToolCall
{
    /// <summary>Name of the tool; empty where it could not be read.</summary>
    public required string Name { get; init; }

    /// <summary>The arguments: a JSON object, empty where there is an <see cref="Error"/>.</summary>
    public required JsonElement Arguments { get; init; }

    /// <summary>Exactly what stood between the tags.</summary>
    public required string RawText { get; init; }

    /// <summary>Why the call cannot be made; null for a good one.</summary>
    public Exception? Error { get; init; }

    /// <summary>Whether the token limit cut it off.</summary>
    public bool IsCut { get; init; }
}
