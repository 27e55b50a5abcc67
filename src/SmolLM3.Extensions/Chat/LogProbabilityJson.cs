using System.Buffers;
using System.Text.Json;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>Log-probabilities as JSON in OpenAI's form, so that they can be cached and sent on: for each token
/// <c>{"token", "bytes", "id", "logprob", "top_logprobs": [{"token", "bytes", "id", "logprob"}]}</c>.</summary>
/// <remarks>A token may be a part of a character; then its bytes say what its text cannot.</remarks>
internal static class LogProbabilityJson
{
    /// <summary>Their name in AdditionalProperties.</summary>
    public const string Key = "top_logprobs";

    public static JsonElement ToArray(IReadOnlyList<TokenLogProbabilities> tokens, Tokenizer tokenizer) => Write(json =>
    {
        foreach (TokenLogProbabilities token in tokens)
        {
            json.WriteStartObject();
            WriteFields(json, token.Chosen, tokenizer);
            json.WriteStartArray("top_logprobs");
            foreach (TokenLogProbability rival in token.Top)
            {
                json.WriteStartObject();
                WriteFields(json, rival, tokenizer);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    });

    public static JsonElement ToArray(IEnumerable<JsonElement> elements) => Write(json =>
    {
        foreach (JsonElement element in elements)
        {
            element.WriteTo(json);
        }
    });

    private static void WriteFields(Utf8JsonWriter json, TokenLogProbability token, Tokenizer tokenizer)
    {
        json.WriteString("token", tokenizer.Decode([token.Id]));
        json.WriteStartArray("bytes");
        foreach (byte part in tokenizer.GetBytes(token.Id))
        {
            json.WriteNumberValue(part);
        }

        json.WriteEndArray();
        json.WriteNumber("id", token.Id);

        // JSON has no infinity; nothing the model found possible is below this.
        json.WriteNumber("logprob", Math.Max(token.LogProbability, -9999f));
    }

    private static JsonElement Write(Action<Utf8JsonWriter> writeItems)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartArray();
            writeItems(json);
            json.WriteEndArray();
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }
}
