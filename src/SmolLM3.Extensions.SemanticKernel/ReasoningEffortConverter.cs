using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.SemanticKernel;

/// <summary>Efforts as OpenAI spells them. Its <c>minimal</c> is the least that still thinks.</summary>
internal sealed class ReasoningEffortConverter : JsonConverter<ReasoningEffort?>
{
    public override ReasoningEffort? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        (reader.TokenType == JsonTokenType.String ? reader.GetString()!.ToUpperInvariant() : null) switch
        {
            "NONE" => ReasoningEffort.None,
            "MINIMAL" or "LOW" => ReasoningEffort.Low,
            "MEDIUM" => ReasoningEffort.Medium,
            "HIGH" => ReasoningEffort.High,
            "XHIGH" or "EXTRA_HIGH" or "EXTRAHIGH" => ReasoningEffort.ExtraHigh,
            _ => throw new JsonException("reasoning_effort must be none, low, medium, high or xhigh."),
        };

    public override void Write(Utf8JsonWriter writer, ReasoningEffort? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value switch
        {
            ReasoningEffort.None => "none",
            ReasoningEffort.Low => "low",
            ReasoningEffort.Medium => "medium",
            ReasoningEffort.High => "high",
            ReasoningEffort.ExtraHigh => "xhigh",
            _ => throw new JsonException($"{value} is no reasoning effort."),
        });
}
