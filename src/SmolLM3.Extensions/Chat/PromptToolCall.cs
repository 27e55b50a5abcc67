using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>A tool call the assistant made in an earlier turn.</summary>
/// <param name="Name">Name of the tool.</param>
/// <param name="Arguments">The arguments, a JSON object.</param>
internal sealed record PromptToolCall(string Name, JsonElement Arguments);
