using System.ClientModel.Primitives;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using SmolLM3.Cli.Serving.Errors;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Reads <c>messages</c>, by Microsoft.Extensions.AI.OpenAI's conversion.</summary>
/// <remarks>That one takes what it does not know for nothing, throws where a tool's result comes in parts, and drops
/// <c>reasoning_content</c>.</remarks>
internal static class MessageReader
{
    public static IReadOnlyList<ChatMessage> Read(JsonFields body)
    {
        IReadOnlyList<JsonFields> messages = body.Objects("messages");
        return messages.Count > 0
            ? [.. messages.Select(ReadMessage)]
            : throw body.Wrong("messages", "a list of messages, at least one");
    }

    private static ChatMessage ReadMessage(JsonFields fields)
    {
        string? role = fields.Text("role");
        if (role is not ("system" or "developer" or "user" or "assistant" or "tool"))
        {
            throw fields.Wrong("role", "system, developer, user, assistant or tool");
        }

        string? content = ReadText(fields, role);
        CheckCalls(fields, role);
        ChatMessage message = Convert(fields, content);
        string? thought = role == "assistant" ? fields.Text("reasoning_content") ?? fields.Text("reasoning") : null;
        if (!string.IsNullOrEmpty(thought))
        {
            message.Contents.Insert(0, new TextReasoningContent(thought));
        }

        return message;
    }

    private static ChatMessage Convert(JsonFields fields, string? content)
    {
        try
        {
            JsonObject json = JsonObject.Create(fields.Json)!;
            json["content"] = content;
            OpenAI.Chat.ChatMessage message =
                ModelReaderWriter.Read<OpenAI.Chat.ChatMessage>(BinaryData.FromString(json.ToJsonString()))!;
            return new[] { message }.AsChatMessages().Single();
        }
        catch (Exception exception) when (
            exception is ArgumentException or InvalidOperationException or FormatException or JsonException)
        {
            throw ApiException.Invalid($"{fields.Path} cannot be read: {exception.Message}", fields.Path);
        }
    }

    /// <summary>The text of a message: a text, or parts of which only texts can be read.</summary>
    private static string? ReadText(JsonFields fields, string role)
    {
        switch (fields.Find("content"))
        {
            case null:
                return role == "assistant" ? null : throw fields.Wrong("content", "a text or a list of texts");
            case { ValueKind: JsonValueKind.Array }:
                return string.Concat(fields.Objects("content").Select(ReadPart));
            default:
                return fields.Text("content");
        }
    }

    private static string ReadPart(JsonFields part) => part.Text("type") switch
    {
        "text" => part.Text("text") ?? throw part.Wrong("text", "a text"),
        "refusal" => part.Text("refusal") ?? throw part.Wrong("refusal", "a text"),
        var other => throw part.Unsupported(
            "type", $"{part.PathOf("type")} '{other}' is not supported: this model reads text alone."),
    };

    private static void CheckCalls(JsonFields fields, string role)
    {
        if (role == "tool" && string.IsNullOrEmpty(fields.Text("tool_call_id")))
        {
            throw fields.Wrong("tool_call_id", "the id of the call that is answered");
        }

        foreach (JsonFields call in role == "assistant" ? fields.Objects("tool_calls") : [])
        {
            if (call.Text("type") is not (null or "function"))
            {
                throw call.Unsupported("type", $"{call.PathOf("type")} must be 'function': there are no other calls here.");
            }

            JsonFields function = call.Object("function") ?? throw call.Wrong("function", "an object");
            _ = call.Text("id") ?? throw call.Wrong("id", "a text");
            _ = function.Text("name") ?? throw function.Wrong("name", "a text");
            _ = function.Text("arguments") ?? throw function.Wrong("arguments", "JSON as a text");
        }
    }
}
