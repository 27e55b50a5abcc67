using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using CallContent = Microsoft.Extensions.AI.FunctionCallContent;
using ResultContent = Microsoft.Extensions.AI.FunctionResultContent;
using TextContent = Microsoft.Extensions.AI.TextContent;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>From what a client answers to the contents of Semantic Kernel.</summary>
/// <param name="tools">The functions of the request.</param>
internal sealed class ResponseMapping(KernelTools tools)
{
    // Calls and results are messages of their own; results have only the id of their call.
    private readonly Dictionary<string, string> _names = [];

    /// <summary>Maps a message.</summary>
    /// <param name="message">The message; it becomes the <c>InnerContent</c>.</param>
    /// <param name="response">The response it ends, or null: what is known of the response stands in its last
    /// message.</param>
    public ChatMessageContent ToContent(ChatMessage message, ChatResponse? response)
    {
        ChatMessageContent content = new()
        {
            Role = ToRole(message.Role),
            AuthorName = message.AuthorName,
            ModelId = response?.ModelId,
            InnerContent = message,
            Metadata = ResponseMetadata.Of(message, response),
        };
        foreach (AIContent item in message.Contents)
        {
            if (ToItem(item) is { } mapped)
            {
                mapped.ModelId = response?.ModelId;
                mapped.InnerContent = item.RawRepresentation;
                mapped.Metadata = item.AdditionalProperties;
                content.Items.Add(mapped);
            }
        }

        return content;
    }

    /// <summary>Maps an update of a stream.</summary>
    /// <param name="update">The update; it becomes the <c>InnerContent</c>.</param>
    /// <param name="request">Which round of the tool loop it belongs to, from 0.</param>
    /// <param name="calls">How many calls this round had before; counts on.</param>
    public StreamingChatMessageContent ToStreaming(ChatResponseUpdate update, int request, ref int calls)
    {
        StreamingChatMessageContent content = new(update.Role is { } role ? ToRole(role) : null, null)
        {
            AuthorName = update.AuthorName,
            ModelId = update.ModelId,
            InnerContent = update,
            Metadata = ResponseMetadata.Of(update),
        };
        foreach (AIContent item in update.Contents)
        {
            StreamingKernelContent? mapped = item switch
            {
                TextContent text => new StreamingTextContent(text.Text),
                TextReasoningContent thought => new StreamingReasoningContent(thought.Text),
                CallContent call => new StreamingFunctionCallUpdateContent(
                    call.CallId, ToFullName(call.Name), ToArguments(call), calls++) { RequestIndex = request },
                _ => null,
            };
            if (mapped is not null)
            {
                mapped.ModelId = update.ModelId;
                mapped.InnerContent = item.RawRepresentation;
                mapped.Metadata = item.AdditionalProperties;
                content.Items.Add(mapped);
            }
        }

        return content;
    }

    private KernelContent? ToItem(AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                return new Microsoft.SemanticKernel.TextContent(text.Text);
            case TextReasoningContent thought:
                return new ReasoningContent(thought.Text);
            case CallContent call:
                _names[call.CallId] = call.Name;
                (string? plugin, string function) = tools.Split(call.Name);
                return new Microsoft.SemanticKernel.FunctionCallContent(
                    function, plugin, call.CallId, call.Arguments is { } arguments ? new(arguments) : null)
                {
                    Exception = call.Exception,
                };
            case ResultContent result:
                (string? of, string? name) = _names.TryGetValue(result.CallId, out string? called)
                    ? tools.Split(called)
                    : default;
                return new Microsoft.SemanticKernel.FunctionResultContent(
                    name, of, result.CallId, result.Result ?? result.Exception);
            default:
                return null;
        }
    }

    // As FunctionCallContentBuilder takes it apart.
    private string ToFullName(string toolName) => tools.Split(toolName) switch
    {
        (null, string function) => function,
        (string plugin, string function) => $"{plugin}-{function}",
    };

    // A stream has no place for the exception of a call that must not be run. What is no JSON, its builder makes one of.
    private static string? ToArguments(CallContent call) =>
        call.Exception is { } error ? $"Not to be run: {error.Message}" : ToJson(call.Arguments);

    private static string? ToJson(IDictionary<string, object?>? arguments) => arguments is null
        ? null
        : JsonSerializer.Serialize(
            arguments, SettingsMapping.Compact.GetTypeInfo(typeof(IDictionary<string, object?>)));

    private static AuthorRole ToRole(ChatRole role) => new(role.Value);
}
