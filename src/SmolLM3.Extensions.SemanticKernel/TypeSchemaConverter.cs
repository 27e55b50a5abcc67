using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>A type, as other settings have it for their response format, as its JSON schema.</summary>
internal sealed class TypeSchemaConverter : JsonConverter<Type>
{
    public override bool CanConvert(Type typeToConvert) => typeof(Type).IsAssignableFrom(typeToConvert);

    public override Type Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new JsonException("No type is made of JSON.");

    public override void Write(Utf8JsonWriter writer, Type value, JsonSerializerOptions options) =>
        ChatResponseFormat.ForJsonSchema(value).Schema!.Value.WriteTo(writer);
}
