using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Reads <c>response_format</c>.</summary>
internal static class FormatReader
{
    public static ChatResponseFormat? Read(JsonFields body)
    {
        if (body.Object("response_format") is not { } format)
        {
            return null;
        }

        return format.Text("type") switch
        {
            "text" => ChatResponseFormat.Text,
            "json_object" => ChatResponseFormat.Json,
            "json_schema" => ReadSchema(format.Object("json_schema") ?? throw format.Wrong("json_schema", "an object")),
            _ => throw format.Wrong("type", "text, json_object or json_schema"),
        };
    }

    // Without a schema any JSON object will do, as OpenAI has it. A schema may be true or false, too.
    private static ChatResponseFormat ReadSchema(JsonFields format) => format.Find("schema") switch
    {
        null => ChatResponseFormat.Json,
        { ValueKind: JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False } schema =>
            ChatResponseFormat.ForJsonSchema(schema, format.Text("name"), format.Text("description")),
        _ => throw format.Wrong("schema", "a JSON schema"),
    };
}
