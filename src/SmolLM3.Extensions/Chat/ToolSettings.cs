using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>The tools of a request, settled.</summary>
internal readonly record struct ToolSettings
{
    /// <summary>Tool dictionaries for the prompt.</summary>
    public required IReadOnlyList<JsonElement> Tools { get; init; }

    /// <summary>Whether the model calls.</summary>
    public required ToolChoice Choice { get; init; }

    /// <summary>Those tools that may be called.</summary>
    public IReadOnlyList<JsonElement> Callable { get; init; }

    /// <summary>What the prompt says can be called from code; null: no code is run.</summary>
    public IReadOnlyList<JsonElement>? Python { get; init; }

    /// <summary>Whether the model may write code to be run.</summary>
    public bool MayCode { get; init; }
}
