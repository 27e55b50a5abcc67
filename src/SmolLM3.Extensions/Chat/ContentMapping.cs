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
        new(call.Name, ToArguments(call)) { RawText = call.Arguments is null ? RawText(call) : null };

    /// <summary>The arguments of a call as a JSON object.</summary>
    public static JsonElement ToArguments(FunctionCallContent call) => JsonSerializer.SerializeToElement(
        call.Arguments ?? new Dictionary<string, object?>(),
        Compact.GetTypeInfo(typeof(IDictionary<string, object?>)));

    /// <summary>What the model reads as the result of a call: text as it is, contents as in a message, anything
    /// else as JSON.</summary>
    /// <exception cref="UnsupportedContentException">It holds an image or the like.</exception>
    public static string ToText(FunctionResultContent result) => result.Result switch
    {
        null when result.Exception is { } exception => "Error: " + exception.Message,
        null => "null",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        TextContent text => text.Text,
        DataContent data => ToText(data),
        UriContent uri => ToText(uri),
        IEnumerable<AIContent> contents =>
            string.Concat(TurnCollector.Collect(contents, PromptRole.Tool).Select(turn => turn.Content)),
        object value => JsonSerializer.Serialize(value, Compact.GetTypeInfo(value.GetType())),
    };

    /// <summary>The code of a call; inputs that are no text, such as files of a service, are left out.</summary>
    public static string ToText(CodeInterpreterToolCallContent code) => string.Concat(
        (code.Inputs ?? []).Select(input => input switch
        {
            TextContent text => text.Text,
            DataContent data when IsText(data.MediaType) => ToText(data),
            _ => "",
        }));

    /// <summary>What the model reads as the output of its code: text as in a message, errors with their message.
    /// </summary>
    /// <exception cref="UnsupportedContentException">It holds an image or the like.</exception>
    public static string ToText(CodeInterpreterToolResultContent result)
    {
        IEnumerable<AIContent> outputs = (result.Outputs ?? []).Select(
            output => output is ErrorContent error ? new TextContent("Error: " + error.Message) : output);
        return string.Concat(TurnCollector.Collect(outputs, PromptRole.Tool).Select(turn => turn.Content));
    }

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
    private static string? RawText(FunctionCallContent call) =>
        call.AdditionalProperties?.TryGetValue(ContentWriter.RawTextKey, out object? raw) != true ? null
            : raw is JsonElement { ValueKind: JsonValueKind.String } json ? JsonText.Value(json)
            : raw as string;

    private static bool IsText(string mediaType) =>
        mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || mediaType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase)
        || mediaType.StartsWith("application/xml", StringComparison.OrdinalIgnoreCase);
}
