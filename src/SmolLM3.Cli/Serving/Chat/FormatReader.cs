using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Reads what form an answer must have: OpenAI's <c>response_format</c> or vLLM's
/// <c>structured_outputs</c>.</summary>
internal static class FormatReader
{
    private const string Outputs = "structured_outputs";

    // The last two are vLLM's, too.
    private static readonly string[] s_kinds = ["json", "regex", "choice", "json_object", "grammar", "structural_tag"];

    private static readonly string[] s_outOfUse = ["guided_json", "guided_regex", "guided_choice", "guided_grammar"];

    /// <summary>Reads it into the options, or into what they have no member for.</summary>
    public static void Read(JsonFields body, ChatOptions options, SmolLM3RequestOptions more)
    {
        if (Array.Find(s_outOfUse, name => body.Find(name) is not null) is { } old)
        {
            throw body.Unsupported(old, $"{old} is out of use, with vLLM too: send {Outputs}.");
        }

        options.ResponseFormat = ReadFormat(body);
        if (body.Object(Outputs) is not { } outputs)
        {
            return;
        }

        string[] kinds = [.. s_kinds.Where(kind => outputs.Find(kind) is not null)];
        if (kinds.Length != 1 || options.ResponseFormat is ChatResponseFormatJson)
        {
            throw body.Wrong(Outputs, "one of json, regex, choice and json_object, without a response_format beside it");
        }

        switch (kinds[0])
        {
            case "json":
                options.ResponseFormat = ChatResponseFormat.ForJsonSchema(ParseSchema(outputs));
                break;
            case "regex":
                more.Regex = outputs.Text("regex");
                break;
            case "choice":
                more.Choices = outputs.Texts("choice");
                break;
            case "json_object":
                options.ResponseFormat = outputs.Flag("json_object") == true
                    ? ChatResponseFormat.Json : throw outputs.Wrong("json_object", "true");
                break;
            default:
                throw outputs.Unsupported(kinds[0], $"{kinds[0]} is not supported: send json, regex or choice.");
        }
    }

    private static ChatResponseFormat? ReadFormat(JsonFields body)
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

    // Without a schema any JSON object will do, as OpenAI has it.
    private static ChatResponseFormat ReadSchema(JsonFields format) => format.Find("schema") switch
    {
        null => ChatResponseFormat.Json,
        { } schema when IsSchema(schema) =>
            ChatResponseFormat.ForJsonSchema(schema, format.Text("name"), format.Text("description")),
        _ => throw format.Wrong("schema", "a JSON schema"),
    };

    // vLLM takes it as text, too.
    private static JsonElement ParseSchema(JsonFields outputs)
    {
        JsonElement schema = outputs.Find("json")!.Value;
        try
        {
            schema = schema.ValueKind == JsonValueKind.String ? JsonElement.Parse(outputs.Text("json")!) : schema;
        }
        catch (JsonException)
        {
            // It is a text, and no schema.
        }

        return IsSchema(schema) ? schema : throw outputs.Wrong("json", "a JSON schema");
    }

    // It may be true or false, too.
    private static bool IsSchema(JsonElement schema) =>
        schema.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False;
}
