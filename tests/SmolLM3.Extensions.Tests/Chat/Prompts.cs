using System.Text.Json;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Tests.Chat;

/// <summary>Short ways to write requests.</summary>
internal static class Prompts
{
    public static PromptMessage SystemText(string text) => new(PromptRole.System, text);

    public static PromptMessage User(string text) => new(PromptRole.User, text);

    public static PromptMessage Assistant(string text) => new(PromptRole.Assistant, text);

    public static PromptMessage Tool(string text) => new(PromptRole.Tool, text);

    public static PromptToolCall Call(string name, string arguments) => new(name, Json(arguments));

    public static JsonElement Json(string text) => JsonElement.Parse(text);

    public static PromptRequest Request(bool think, params PromptMessage[] messages) =>
        new() { Messages = messages, EnableThinking = think, Today = new DateOnly(2026, 1, 9) };

    public static string Render(bool think, params PromptMessage[] messages) =>
        ChatTemplate.Render(Request(think, messages)).ToText();

    /// <summary>What follows the system text "S" without tools.</summary>
    public static string RenderTurns(bool think, params PromptMessage[] messages)
    {
        string text = Render(think, [SystemText("S"), .. messages]);
        const string HeaderEnd = "\n\nS\n\n";
        return text[(text.IndexOf(HeaderEnd, StringComparison.Ordinal) + HeaderEnd.Length)..];
    }

    /// <summary>The request of one case of renders.json.</summary>
    public static PromptRequest FromData(JsonElement render) => new()
    {
        Messages = [.. render.GetProperty("messages").EnumerateArray().Select(MessageFromData)],
        Tools = ToolsFromData(render.GetProperty("tools")),
        PythonTools = ToolsFromData(render.GetProperty("python_tools")) is { Count: > 0 } functions ? functions : null,
        EnableThinking = render.GetProperty("enable_thinking").GetBoolean(),
        Today = DateOnly.ParseExact(render.GetProperty("date").GetString()!, "yyyy-MM-dd"),
        AddGenerationPrompt = render.GetProperty("add_generation_prompt").GetBoolean(),
    };

    private static PromptMessage MessageFromData(JsonElement message) => new(
        Enum.Parse<PromptRole>(message.GetProperty("role").GetString()!, ignoreCase: true),
        message.GetProperty("content").GetString()!);

    private static IReadOnlyList<JsonElement> ToolsFromData(JsonElement text) =>
        text.GetString() is { } json ? [.. Json(json).EnumerateArray()] : [];
}
