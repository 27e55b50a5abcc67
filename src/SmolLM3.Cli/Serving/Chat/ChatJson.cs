using System.ClientModel.Primitives;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Answers in OpenAI's form: Microsoft.Extensions.AI.OpenAI converts them, and what it leaves out is
/// added.</summary>
internal static class ChatJson
{
    public static string NewId() => "chatcmpl-" + Guid.NewGuid().ToString("N");

    /// <summary>A whole answer, of one or more choices.</summary>
    public static JsonObject ToCompletion(IReadOnlyList<ChatResponse> responses, ChatRequest request)
    {
        JsonObject completion = ToJson(responses[0].AsOpenAIChatCompletion());
        completion["id"] = NewId();
        completion["choices"] = new JsonArray([.. responses.Select((response, i) => ToChoice(response, i, request))]);
        completion["usage"] = UsageJson.Of([.. responses.Select(response => response.Usage ?? new())], responses.Count);
        return completion;
    }

    /// <summary>One of OpenAI's objects.</summary>
    public static JsonObject ToJson(object model) =>
        JsonNode.Parse(ModelReaderWriter.Write(model, ModelReaderWriterOptions.Json))!.AsObject();

    /// <summary>The one choice of an answer or of a part of it, taken out.</summary>
    public static JsonObject TakeChoice(JsonObject json)
    {
        JsonArray choices = json["choices"]!.AsArray();
        JsonObject choice = choices[0]!.AsObject();
        choices.Clear();
        return choice;
    }

    /// <summary>Adds to a message, or a part of one, what the conversion drops, and takes away what it makes up.</summary>
    public static void Complete(JsonObject message, IList<AIContent> contents)
    {
        string thought = string.Concat(contents.OfType<TextReasoningContent>().Select(content => content.Text));
        if (thought.Length > 0)
        {
            message["reasoning_content"] = thought;
        }

        FunctionCallContent[] calls = [.. contents.OfType<FunctionCallContent>()];
        for (int i = 0; i < calls.Length; i++)
        {
            message["tool_calls"]![i]!["function"]!["arguments"] = ToText(calls[i]);
        }

        if (calls.Length == 0)
        {
            message.Remove("tool_calls");
        }
    }

    /// <summary>Whether there is text, which may be empty.</summary>
    public static bool HasText(IList<AIContent> contents) => contents.Any(content => content is TextContent);

    private static JsonObject ToChoice(ChatResponse response, int index, ChatRequest request)
    {
        ChatMessage message = response.Messages[^1];
        JsonObject choice = TakeChoice(ToJson(response.AsOpenAIChatCompletion()));
        JsonObject json = choice["message"]!.AsObject();
        Complete(json, message.Contents);
        if (!HasText(message.Contents) && json.ContainsKey("tool_calls"))
        {
            json["content"] = null;
        }

        choice["index"] = index;
        choice["logprobs"] = LogProbabilities.Of(message.AdditionalProperties, request.TopLogProbabilities);
        return choice;
    }

    // A call that could not be read has no arguments: its receiver sees what the model wrote.
    private static string ToText(FunctionCallContent call) =>
        call.Arguments is not null ? JsonSerializer.Serialize(call.Arguments, JsonBody.Compact)
        : call.AdditionalProperties?.TryGetValue("raw_text", out string? raw) == true ? raw ?? "{}"
        : "{}";
}
