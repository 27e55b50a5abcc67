using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>From AI tools to the dictionaries the model card shows: <c>{"name", "description",
/// "parameters"}</c>.</summary>
internal static class ToolMapping
{
    /// <summary>Settles the tools of a request. Tools that are no functions are left out.</summary>
    /// <exception cref="ArgumentException">A tool is null, or a call is required of one that is not
    /// there.</exception>
    public static ToolSettings ToSettings(ChatOptions? options)
    {
        if (options?.Tools?.IndexOf(null!) is >= 0 and int missing)
        {
            throw new ArgumentException($"Tool {missing} of ChatOptions.Tools is null.", nameof(options));
        }

        List<AIFunctionDeclaration> functions =
            [.. (options?.Tools ?? []).Select(AsFunction).OfType<AIFunctionDeclaration>()];
        JsonElement[] tools = [.. functions.Select(ToPrompt)];
        switch (options?.ToolMode)
        {
            case NoneChatToolMode:
                return new(tools, ToolChoice.None, []);
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                return functions.Exists(f => f.Name == name)
                    ? new(tools, ToolChoice.Required, [.. tools.Where((_, i) => functions[i].Name == name)])
                    : throw new ArgumentException(
                        $"ChatOptions.ToolMode requires the tool '{name}', but ChatOptions.Tools "
                        + (functions.Count == 0 ? "has no functions." : $"has only {Names(functions)}."),
                        nameof(options));
            case RequiredChatToolMode:
                return functions.Count > 0
                    ? new(tools, ToolChoice.Required, tools)
                    : throw new ArgumentException(
                        "ChatOptions.ToolMode requires a call, but ChatOptions.Tools has no functions.",
                        nameof(options));
            default:
                return new(tools, functions.Count > 0 ? ToolChoice.Auto : ToolChoice.None, tools);
        }
    }

    /// <summary>The function behind a tool, or null: hosted tools run on somebody else's server.</summary>
    public static AIFunctionDeclaration? AsFunction(AITool tool) =>
        tool as AIFunctionDeclaration ?? tool.GetService<AIFunctionDeclaration>();

    private static JsonElement ToPrompt(AIFunctionDeclaration function)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("name", function.Name);
            writer.WriteString("description", function.Description);
            writer.WritePropertyName("parameters");
            if (function.JsonSchema.ValueKind == JsonValueKind.Object)
            {
                function.JsonSchema.WriteTo(writer);
            }
            else
            {
                writer.WriteRawValue("""{"type":"object","properties":{}}""");
            }

            writer.WriteEndObject();
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    private static string Names(IEnumerable<AIFunctionDeclaration> functions) =>
        string.Join(", ", functions.Select(f => $"'{f.Name}'"));
}
