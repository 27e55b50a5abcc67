using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>From the contents of messages to what the prompt holds of them.</summary>
internal static class ContentMapping
{
    // On one line: line breaks and indentation would cost the model tokens.
    private static readonly JsonSerializerOptions Compact =
        new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    /// <summary>A call as the prompt repeats it; one that could not be read as the model wrote it.</summary>
    public static PromptToolCall ToCall(FunctionCallContent call) =>
        new(call.Name, ToArguments(call))
        {
            RawText = call.Arguments is null ? Text(call, ContentWriter.RawTextKey) : null,
        };

    /// <summary>The arguments of a call as a JSON object.</summary>
    public static JsonElement ToArguments(FunctionCallContent call) => JsonSerializer.SerializeToElement(
        call.Arguments ?? new Dictionary<string, object?>(),
        Compact.GetTypeInfo(typeof(IDictionary<string, object?>)));

    /// <summary>What is wrong with a call the model wrote, or null.</summary>
    public static string? FindError(FunctionCallContent call) =>
        call.Exception?.Message ?? Text(call, ContentWriter.ErrorKey);

    /// <summary>What stands in an error for a call, or for code, that was cut; null for other errors.</summary>
    public static PromptToolCall? FindCut(ErrorContent error) =>
        error.ErrorCode is ContentWriter.IncompleteCall or ContentWriter.IncompleteCode
            ? PromptToolCall.OfCut(error.Details ?? "", isCode: error.ErrorCode == ContentWriter.IncompleteCode)
            : null;

    /// <summary>Anything as JSON on one line.</summary>
    public static string ToJson(object value) =>
        JsonSerializer.Serialize(value, Compact.GetTypeInfo(value.GetType()));

    /// <summary>The code of a call; inputs that are no text, such as files of a service, are left out.</summary>
    public static string ToText(CodeInterpreterToolCallContent code) => string.Concat(
        (code.Inputs ?? []).Select(input => input switch
        {
            TextContent text => text.Text,
            DataContent data when IsText(data.MediaType) => ToText(data),
            _ => "",
        }));

    /// <summary>The text of attached data.</summary>
    /// <exception cref="UnsupportedContentException">It is no text.</exception>
    public static string ToText(DataContent data) => IsText(data.MediaType)
        ? Encoding.UTF8.GetString(data.Data.Span)
        : throw new UnsupportedContentException(
            data.MediaType, "Describe or transcribe it first and send the text, or ask a model that reads it.");

    /// <summary>Always throws: nothing is fetched here.</summary>
    /// <exception cref="UnsupportedContentException">Always.</exception>
    public static string ToText(UriContent uri) => throw new UnsupportedContentException(
        uri.MediaType, IsText(uri.MediaType)
            ? "It is a link, and links are not fetched: download it and send its text."
            : "It is a link to something else than text: describe or transcribe it first and send the text.");

    // A conversation that was stored as JSON comes back with elements. The exception of the call does not come back.
    private static string? Text(FunctionCallContent call, string key) =>
        call.AdditionalProperties?.TryGetValue(key, out object? value) != true ? null
            : value is JsonElement { ValueKind: JsonValueKind.String } json ? JsonText.Value(json)
            : value as string;

    private static bool IsText(string mediaType) =>
        mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || mediaType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)
        || mediaType.StartsWith("application/xml", StringComparison.OrdinalIgnoreCase);
}
