using System.Text.Json;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Cli.Commands;

/// <summary>Reads messages in OpenAI's chat form.</summary>
internal static class OpenAIMessages
{
    public static IReadOnlyList<PromptMessage> Parse(IReadOnlyList<JsonElement> messages) => [.. messages.Select(Parse)];

    private static PromptMessage Parse(JsonElement message, int index)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out JsonElement role))
        {
            throw new FormatException($"Message {index} has no role: {{\"role\": \"user\", \"content\": \"…\"}} is wanted.");
        }

        return new PromptMessage(ParseRole(Text(role, "role", index), index), ParseContent(message, index))
        {
            ToolCalls = ParseCalls(message, index),
            Reasoning = message.TryGetProperty("reasoning_content", out JsonElement reasoning)
                && reasoning.ValueKind == JsonValueKind.String ? Text(reasoning, "reasoning_content", index) : null,
        };
    }

    private static PromptRole ParseRole(string role, int index) => role switch
    {
        "system" or "developer" => PromptRole.System,
        "user" => PromptRole.User,
        "assistant" => PromptRole.Assistant,
        "tool" => PromptRole.Tool,
        var other => throw new FormatException(
            $"Message {index} has the role '{other}'; known are system, developer, user, assistant and tool."),
    };

    /// <summary>A string, null (an assistant that only called tools), or a list of parts whose texts are joined.</summary>
    private static string ParseContent(JsonElement message, int index)
    {
        if (!message.TryGetProperty("content", out JsonElement content))
        {
            return "";
        }

        return content.ValueKind switch
        {
            JsonValueKind.String => Text(content, "content", index),
            JsonValueKind.Null => "",
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(part => ParsePart(part, index))),
            _ => throw new FormatException($"Message {index} has a content that is neither text nor a list of parts."),
        };
    }

    private static string ParsePart(JsonElement part, int index) =>
        part.ValueKind == JsonValueKind.Object
        && part.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? Text(text, "text", index)
            : throw new FormatException($"Message {index} holds a part that is no text; SmolLM3 reads text only.");

    private static IReadOnlyList<PromptToolCall> ParseCalls(JsonElement message, int index)
    {
        if (!message.TryGetProperty("tool_calls", out JsonElement calls) || calls.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return calls.ValueKind == JsonValueKind.Array
            ? [.. calls.EnumerateArray().Select(call => ParseCall(call, index))]
            : throw new FormatException($"Message {index} has tool_calls that are no array.");
    }

    private static PromptToolCall ParseCall(JsonElement call, int index)
    {
        if (call.ValueKind != JsonValueKind.Object
            || !call.TryGetProperty("function", out JsonElement function) || function.ValueKind != JsonValueKind.Object
            || !function.TryGetProperty("name", out JsonElement name))
        {
            throw new FormatException($"Message {index} has a tool call without a function name.");
        }

        // OpenAI sends arguments as a string of JSON; many files hold the object itself.
        JsonElement arguments = function.TryGetProperty("arguments", out JsonElement given)
            ? given
            : JsonElement.Parse("{}");
        return new PromptToolCall(
            Text(name, "function name", index),
            arguments.ValueKind == JsonValueKind.String
                ? JsonElement.Parse(Text(arguments, "arguments", index))
                : arguments);
    }

    private static string Text(JsonElement value, string what, int index)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException) // not a string, or half of a surrogate pair
        {
            throw new FormatException($"Message {index} has a {what} that is no text.");
        }
    }
}
