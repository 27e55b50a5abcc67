using System.Text;
using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Reads <c>{"name": …, "arguments": {…}}</c>. <c>parameters</c> stands for <c>arguments</c> too, arguments written as
/// a JSON text are unwrapped, and a call with a name and nothing else has none. Everything else is a call with an
/// error: the application hears of it, and the model can be told.
/// </summary>
internal static class ToolCallParser
{
    private static readonly JsonElement s_none = JsonElement.Parse("{}");

    /// <summary>Reads a call.</summary>
    /// <param name="rawText">What stands between the tags.</param>
    /// <param name="end">What ended it. Without a tag a call still counts if its JSON is whole.</param>
    public static OutputToolCall Parse(string rawText, ToolCallEnd end)
    {
        try
        {
            JsonElement call = ParseJson(rawText);
            string name = ReadName(call);
            return new OutputToolCall { Name = name, Arguments = ReadArguments(call), RawText = rawText };
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            return new OutputToolCall
            {
                Name = TryFindName(rawText),
                Arguments = s_none,
                RawText = rawText,
                Error = Describe(error, end),
                IsCut = end == ToolCallEnd.Limit,
            };
        }
    }

    private static FormatException Describe(Exception error, ToolCallEnd end) => (end, error) switch
    {
        (ToolCallEnd.Limit, _) => new FormatException(
            "The token limit was reached within a tool call. Allow more output tokens.", error),
        (ToolCallEnd.Answer, JsonException) => new FormatException(
            "The model ended its answer within a tool call.", error),
        (_, FormatException known) => known,
        _ => new FormatException($"The model wrote a tool call that is not valid JSON: {error.Message}", error),
    };

    private static JsonElement ParseJson(string text)
    {
        JsonElement value = JsonElement.Parse(text);
        try
        {
            ReadTexts(value);
        }
        catch (InvalidOperationException error)
        {
            throw new FormatException(
                "The model wrote a tool call with half of a surrogate pair, which is no text.", error);
        }

        return value;
    }

    // Parsing lets escapes pass that no reader of the text accepts. They are found here, where the call can be refused.
    private static void ReadTexts(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                {
                    ReadTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    _ = property.Name;
                    ReadTexts(property.Value);
                }

                break;
        }
    }

    private static string ReadName(JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("The model wrote a tool call that is not a JSON object.");
        }

        return call.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String
            && name.GetString() is { Length: > 0 } text
            ? text
            : throw new FormatException("The model wrote a tool call without the name of a tool.");
    }

    private static JsonElement ReadArguments(JsonElement call)
    {
        if (!call.TryGetProperty("arguments", out JsonElement arguments)
            && !call.TryGetProperty("parameters", out arguments))
        {
            // Arguments beside the name would be lost, so only a name alone has none.
            return call.EnumerateObject().All(property => property.NameEquals("name"))
                ? s_none
                : throw new FormatException("The model wrote a tool call without \"arguments\", but not a name alone.");
        }

        if (arguments.ValueKind == JsonValueKind.String)
        {
            string inner = arguments.GetString()!;
            arguments = string.IsNullOrWhiteSpace(inner) ? s_none : ParseJson(inner);
        }

        return arguments.ValueKind switch
        {
            JsonValueKind.Object => arguments,
            JsonValueKind.Null => s_none,
            _ => throw new FormatException("The model wrote a tool call whose arguments are not a JSON object."),
        };
    }

    /// <summary>The name, if it can be read before the JSON goes wrong; else nothing.</summary>
    private static string TryFindName(string rawText)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(rawText), isFinalBlock: false, state: default);
        try
        {
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 }
                    && reader.ValueTextEquals("name") && reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    return reader.GetString()!;
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // As far as it goes.
        }

        return "";
    }
}
