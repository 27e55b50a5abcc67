using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>A tool call the assistant made in an earlier turn.</summary>
/// <param name="Name">Name of the tool.</param>
/// <param name="Arguments">The arguments, a JSON object.</param>
internal sealed record PromptToolCall(string Name, JsonElement Arguments)
{
    /// <summary>What stood between the tags of a call that could not be read, written in place of the others; else
    /// null.</summary>
    public string? RawText { get; init; }

    /// <summary>Whether the token limit cut it: the tag that ends it is missing.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether it is code to be run: <see cref="RawText"/> stands between the tags of code.</summary>
    public bool IsCode { get; init; }

    /// <summary>Python code the assistant wrote to be run.</summary>
    public static PromptToolCall OfCode(string code) => new("", default) { RawText = code, IsCode = true };

    /// <summary>A call or code that was cut, as far as it goes.</summary>
    public static PromptToolCall OfCut(string rawText, bool isCode) =>
        new("", default) { RawText = rawText, IsCode = isCode, IsCut = true };
}
