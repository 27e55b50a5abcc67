using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Reads <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c>.</summary>
internal static partial class ToolReader
{
    private static readonly JsonElement s_nothing = JsonElement.Parse("""{"type":"object","properties":{}}""");

    /// <summary>Sets the tools of a request.</summary>
    public static void Read(JsonFields body, ChatOptions options)
    {
        AITool[] tools = [.. body.Objects("tools").Select(ReadTool)];
        foreach (IGrouping<string, AITool> named in tools.GroupBy(tool => tool.Name).Where(named => named.Count() > 1))
        {
            throw body.Wrong("tools", $"of one name each; there are several '{named.Key}'");
        }

        ChatToolMode? mode = ReadChoice(body);
        options.Tools = tools.Length > 0 ? tools : null;
        options.AllowMultipleToolCalls = body.Flag("parallel_tool_calls");
        options.ToolMode = mode switch
        {
            RequiredChatToolMode { RequiredFunctionName: null } when tools.Length == 0 =>
                throw body.Wrong("tool_choice", "left out where there are no tools"),
            RequiredChatToolMode { RequiredFunctionName: { } name } when !tools.Any(tool => tool.Name == name) =>
                throw body.Wrong("tool_choice", $"one of the tools; '{name}' is none"),
            _ => mode,
        };
    }

    private static AIFunctionDeclaration ReadTool(JsonFields tool)
    {
        if (tool.Text("type") is not "function")
        {
            throw tool.Unsupported("type", $"{tool.PathOf("type")} must be 'function': other tools run elsewhere.");
        }

        JsonFields function = tool.Object("function") ?? throw tool.Wrong("function", "an object");
        string name = function.Text("name") is { } text && Name().IsMatch(text)
            ? text : throw function.Wrong("name", "1 to 64 letters, digits, _ or -");
        JsonElement parameters = function.Object("parameters")?.Json ?? s_nothing;
        return AIFunctionFactory.CreateDeclaration(name, function.Text("description"), parameters);
    }

    private static ChatToolMode? ReadChoice(JsonFields body)
    {
        const string field = "tool_choice";
        switch (body.Find(field))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.String }:
                return body.Text(field) switch
                {
                    "auto" => ChatToolMode.Auto,
                    "none" => ChatToolMode.None,
                    "required" => ChatToolMode.RequireAny,
                    _ => throw body.Wrong(field, "none, auto, required or a function"),
                };
            default:
                JsonFields choice = body.Object(field)!.Value;
                return choice.Text("type") == "function" && choice.Object("function")?.Text("name") is { Length: > 0 } name
                    ? ChatToolMode.RequireSpecific(name)
                    : throw body.Wrong(
                        field, "none, auto, required or {\"type\": \"function\", \"function\": {\"name\": …}}");
        }
    }

    /// <summary>What OpenAI takes for a name.</summary>
    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}\\z")]
    private static partial Regex Name();
}
