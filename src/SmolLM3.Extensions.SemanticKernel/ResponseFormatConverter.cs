using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>A response format as JSON: <c>"text"</c>, <c>"json_object"</c> or a schema.</summary>
internal sealed class ResponseFormatConverter : JsonConverter<object?>
{
    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonElement value = JsonElement.ParseValue(ref reader);
        return value.ValueKind == JsonValueKind.String ? value.GetString() : value;
    }

    public override void Write(Utf8JsonWriter writer, object? value, JsonSerializerOptions options)
    {
        switch (ResponseFormats.ToChat(value))
        {
            case ChatResponseFormatJson { Schema: { } schema }:
                schema.WriteTo(writer);
                break;
            case ChatResponseFormatJson:
                writer.WriteStringValue(ResponseFormats.JsonObject);
                break;
            default:
                writer.WriteStringValue(ResponseFormats.Text);
                break;
        }
    }
}
