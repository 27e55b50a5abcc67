using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using FunctionCall = Microsoft.SemanticKernel.FunctionCallContent;
using FunctionResult = Microsoft.SemanticKernel.FunctionResultContent;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>From a <see cref="ChatHistory"/> to the messages of a request.</summary>
internal static class HistoryMapping
{
    /// <summary>Maps a history; it is read, never changed.</summary>
    public static List<ChatMessage> ToMessages(ChatHistory history, KernelTools tools) =>
        [.. history.Select(content => ToMessage(content, tools))];

    private static ChatMessage ToMessage(ChatMessageContent content, KernelTools tools)
    {
        // The kernel's own conversion, of the message without its items: those it does not know would be lost.
        ChatMessage message = new ChatMessageContent(content.Role, [], metadata: content.Metadata).ToChatMessage();
        message.AuthorName = content.AuthorName;
        message.Contents = [.. content.Items.SelectMany(item => ToContents(item, content.Role, tools))];

        // An answer that came from the client is known again by these two, and repeated token for token.
        if (content.InnerContent is ChatMessage original)
        {
            message.MessageId = original.MessageId;
            message.RawRepresentation = original.RawRepresentation;
        }

        return message;
    }

    private static IEnumerable<AIContent> ToContents(KernelContent item, AuthorRole role, KernelTools tools)
    {
        AIContent? own = item switch
        {
            ReasoningContent thought => new TextReasoningContent(thought.Text),
            FunctionCall call => new Microsoft.Extensions.AI.FunctionCallContent(
                call.Id ?? "", tools.Join(call.PluginName, call.FunctionName), call.Arguments)
            {
                Exception = call.Exception,
                InformationalOnly = call.Exception is not null,
            },
            FunctionResult { Result: Exception error } result =>
                new Microsoft.Extensions.AI.FunctionResultContent(result.CallId ?? "", null) { Exception = error },
            _ => null,
        };
        if (own is null)
        {
            return new ChatMessageContent(role, [item]).ToChatMessage().Contents;
        }

        own.AdditionalProperties = item.Metadata is { } metadata ? new(metadata) : null;
        return [own];
    }
}
