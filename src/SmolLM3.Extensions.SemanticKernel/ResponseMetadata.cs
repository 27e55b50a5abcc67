using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>What the <c>Metadata</c> of messages and updates hold. The names are those of the other connectors.</summary>
internal static class ResponseMetadata
{
    public const string Id = "Id";
    public const string CreatedAt = "CreatedAt";
    public const string FinishReason = "FinishReason";
    public const string Usage = "Usage";

    /// <summary>The message of an error, such as a call that the token limit cut, and its code.</summary>
    public const string Error = "Error";
    public const string ErrorCode = "ErrorCode";

    public static Dictionary<string, object?> Of(ChatMessage message, ChatResponse? response)
    {
        Dictionary<string, object?> metadata = new(message.AdditionalProperties ?? []);
        Add(metadata, Id, response?.ResponseId);
        Add(metadata, CreatedAt, response?.CreatedAt);
        Add(metadata, FinishReason, response?.FinishReason?.Value);
        Add(metadata, Usage, response?.Usage);
        AddError(metadata, message.Contents);
        return metadata;
    }

    public static Dictionary<string, object?> Of(ChatResponseUpdate update)
    {
        Dictionary<string, object?> metadata = new(update.AdditionalProperties ?? []);
        Add(metadata, Id, update.ResponseId);
        Add(metadata, CreatedAt, update.CreatedAt);
        Add(metadata, FinishReason, update.FinishReason?.Value);
        Add(metadata, Usage, update.Contents.OfType<UsageContent>().LastOrDefault()?.Details);
        AddError(metadata, update.Contents);
        return metadata;
    }

    private static void AddError(Dictionary<string, object?> metadata, IEnumerable<AIContent> contents)
    {
        if (contents.OfType<ErrorContent>().LastOrDefault() is { } error)
        {
            Add(metadata, Error, error.Message);
            Add(metadata, ErrorCode, error.ErrorCode);
        }
    }

    private static void Add(Dictionary<string, object?> metadata, string name, object? value)
    {
        if (value is not null)
        {
            metadata[name] = value;
        }
    }
}
