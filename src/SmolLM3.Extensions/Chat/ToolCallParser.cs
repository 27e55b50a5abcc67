using System.Text;
using System.Text.Json;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Reads <c>{"name": …, "arguments": {…}}</c>. <c>parameters</c> stands for <c>arguments</c> too, arguments written as
/// a JSON text are unwrapped, and missing ones are none. Everything else is a call with an error: the application
/// hears of it, and the model can be told.
/// </summary>
internal static class ToolCallParser
{
    private static readonly JsonElement s_none = JsonElement.Parse("{}");

    /// <summary>Reads a call.</summary>
    /// <param name="rawText">What stands between the tags.</param>
    /// <param name="closed">Whether the closing tag came. Without it a call still counts if its JSON is whole.</param>
    public static OutputToolCall Parse(string rawText, bool closed)
    {
        try
        {
            JsonElement call = JsonElement.Parse(rawText);
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
                Error = Describe(error, closed),
                Incomplete = !closed,
            };
        }
    }

    private static FormatException Describe(Exception error, bool closed) => error switch
    {
        _ when !closed => new FormatException("The output ended within a tool call. Allow more output tokens.", error),
        FormatException known => known,
        _ => new FormatException($"The model wrote a tool call that is not valid JSON: {error.Message}", error),
    };

    private static string ReadName(JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("The model wrote a tool call that is not a JSON object.");
        }

        return call.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String
            && JsonText.Value(name) is { Length: > 0 } text
            ? text
            : throw new FormatException("The model wrote a tool call without the name of a tool.");
    }

    private static JsonElement ReadArguments(JsonElement call)
    {
        if (!call.TryGetProperty("arguments", out JsonElement arguments)
            && !call.TryGetProperty("parameters", out arguments))
        {
            return s_none;
        }

        if (arguments.ValueKind == JsonValueKind.String)
        {
            string inner = JsonText.Value(arguments);
            arguments = string.IsNullOrWhiteSpace(inner) ? s_none : JsonElement.Parse(inner);
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
