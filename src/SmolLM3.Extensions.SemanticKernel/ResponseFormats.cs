using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>From what <c>response_format</c> may be to the format of a request.</summary>
internal static class ResponseFormats
{
    public const string Text = "text";
    public const string JsonObject = "json_object";

    /// <summary>The format of a request.</summary>
    /// <exception cref="ArgumentException">It is of another kind.</exception>
    public static ChatResponseFormat ToChat(object? format) => format switch
    {
        ChatResponseFormat chat => chat,
        Type type => ChatResponseFormat.ForJsonSchema(type),
        Text => ChatResponseFormat.Text,
        JsonObject => ChatResponseFormat.Json,
        string schema => FromText(schema),
        JsonElement { ValueKind: JsonValueKind.String } text => ToChat(text.GetString()),
        JsonElement { ValueKind: JsonValueKind.Object } json => FromObject(json),
        _ => throw Wrong($"{format?.GetType().Name ?? "null"} ({format})"),
    };

    private static ChatResponseFormat FromText(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? FromObject(document.RootElement.Clone())
                : throw Wrong($"the text '{text}'");
        }
        catch (JsonException)
        {
            throw Wrong($"the text '{text}'");
        }
    }

    // No schema has these types: what has them is written as OpenAI's endpoint takes it. Nor has one the discriminator of
    // a ChatResponseFormat, which other settings may hold.
    private static ChatResponseFormat FromObject(JsonElement json) =>
        Member(json, "type") switch
        {
            _ when Member(json, "$type") is not null => (ChatResponseFormat)json.Deserialize(
                SettingsMapping.Compact.GetTypeInfo(typeof(ChatResponseFormat)))!,
            _ when !json.EnumerateObject().Any() => throw Wrong("an object whose JSON has no members"),
            Text => ChatResponseFormat.Text,
            JsonObject => ChatResponseFormat.Json,
            "json_schema" when json.TryGetProperty("json_schema", out JsonElement inner)
                && inner.ValueKind == JsonValueKind.Object
                && inner.TryGetProperty("schema", out JsonElement schema) => ChatResponseFormat.ForJsonSchema(
                    schema, Member(inner, "name"), Member(inner, "description")),
            _ => ChatResponseFormat.ForJsonSchema(json),
        };

    private static string? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static ArgumentException Wrong(string found) => new(
        "response_format must be \"text\", \"json_object\", a JSON schema, a type or a ChatResponseFormat, but is "
        + found + ".");
}
