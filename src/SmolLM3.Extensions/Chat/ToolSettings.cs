using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>The tools of a request, settled.</summary>
/// <param name="Tools">Tool dictionaries for the prompt.</param>
/// <param name="Choice">Whether the model calls.</param>
/// <param name="Callable">Those among them that may be called.</param>
internal readonly record struct ToolSettings(
    IReadOnlyList<JsonElement> Tools, ToolChoice Choice, IReadOnlyList<JsonElement> Callable);
