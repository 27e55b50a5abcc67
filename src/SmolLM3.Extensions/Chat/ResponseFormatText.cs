using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>Tells the model in words what form its answer must have.</summary>
internal static class ResponseFormatText
{
    /// <summary>The sentence for a format, or null for plain text.</summary>
    public static string? For(ChatResponseFormat? format) => format is not ChatResponseFormatJson json
        ? null
        : json.Schema is not { } schema
            ? "Answer with one JSON value and nothing else: no explanation, no code fence."
            : "Answer with one JSON value that follows the JSON schema below and nothing else: no explanation, no code "
                + "fence.\n\n" + Heading(json) + schema.GetRawText();

    private static string Heading(ChatResponseFormatJson json)
    {
        string heading = string.Join(
            ": ", new[] { json.SchemaName, json.SchemaDescription }.Where(text => !string.IsNullOrWhiteSpace(text)));
        return heading.Length > 0 ? heading + "\n" : "";
    }
}
