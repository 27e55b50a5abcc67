using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>From what a function or code gave to what the model reads of it.</summary>
internal static class ResultMapping
{
    private const string Nothing = "(no output)";

    /// <summary>The result of a call: text as it is, contents one behind the other, anything else as JSON.</summary>
    /// <exception cref="UnsupportedContentException">It holds an image or the like.</exception>
    public static string ToText(FunctionResultContent result) => result.Result switch
    {
        null when result.Exception is { } exception => Error(exception.Message),
        null => "null",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        AIContent content when Find(content) is { } found => found.Text,
        IEnumerable<AIContent> contents => ToText(contents),
        object value => ContentMapping.ToJson(value),
    };

    /// <summary>The output of code.</summary>
    /// <exception cref="UnsupportedContentException">It holds an image or the like.</exception>
    public static string ToText(CodeInterpreterToolResultContent result) => ToText(result.Outputs ?? []);

    /// <summary>What is said of a failure.</summary>
    public static string Error(string message) => "Error: " + message;

    private static string ToText(IEnumerable<AIContent> contents)
    {
        StringBuilder text = new();
        bool endsLine = false;
        foreach (Part part in contents.Select(Find).OfType<Part>().Where(part => part.Text.Length > 0))
        {
            if ((endsLine || part.IsLine) && text.Length > 0 && text[^1] != '\n')
            {
                text.Append('\n');
            }

            text.Append(part.Text);
            endsLine = part.IsLine;
        }

        return text.Length > 0 ? text.ToString() : Nothing;
    }

    private static Part? Find(AIContent content) => content switch
    {
        TextContent text => new(text.Text, IsLine: false),
        DataContent data => new(ContentMapping.ToText(data), IsLine: true),
        UriContent uri => new(ContentMapping.ToText(uri), IsLine: true),
        ErrorContent { Details.Length: > 0 } error => new($"{Error(error.Message)}\n{error.Details}", IsLine: true),
        ErrorContent error => new(Error(error.Message), IsLine: true),
        HostedFileContent file => new($"(file: {file.Name ?? file.FileId})", IsLine: true),
        CodeInterpreterToolResultContent inner => new(ToText(inner), IsLine: true),
        _ => null,
    };

    /// <param name="Text">What it says.</param>
    /// <param name="IsLine">Whether it stands on lines of its own; texts are pieces of one.</param>
    private sealed record Part(string Text, bool IsLine);
}
