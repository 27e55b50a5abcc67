using System.Text.Json;
using System.Text.Json.Nodes;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Constraints.Validation;

/// <summary>Checks whether a text that was written elsewhere has its form. As with <see cref="SchemaValidator"/> a
/// violation is certain; that there is none is not.</summary>
internal static class FormValidator
{
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 1000 };

    /// <summary>Checks a text.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? FirstViolation(AnswerForm form, string text) => form switch
    {
        { Choices: { } choices } => choices.Contains(text) ? null : "it is none of the choices",
        { Pattern: { } pattern } => Check(ToSchema(pattern), Parse(JsonValue.Create(text).ToJsonString())),
        _ => CheckJson(form.Schema, text),
    };

    private static string? CheckJson(JsonElement? schema, string text)
    {
        try
        {
            JsonElement value = Parse(text);
            return schema is { } known ? Check(known, value) : null;
        }
        catch (JsonException error)
        {
            return "it is no JSON: " + error.Message;
        }
    }

    private static string? Check(JsonElement schema, JsonElement value) => SchemaValidator.FirstViolation(schema, value);

    private static JsonElement ToSchema(string pattern) =>
        Parse(new JsonObject { ["pattern"] = $"^(?:{pattern})$" }.ToJsonString());

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, s_deep);
        return document.RootElement.Clone();
    }
}
