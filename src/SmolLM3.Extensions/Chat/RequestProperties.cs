using System.Collections;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Reads the names this client knows from <c>ChatOptions.AdditionalProperties</c>. Numbers may come in any numeric type
/// or as JSON; other names are left to others.
/// </summary>
internal sealed class RequestProperties(AdditionalPropertiesDictionary? properties)
{
    private const string BiasTypes =
        "a JSON object or an IDictionary from token ids, as whole numbers or text, to numbers";

    public float? MinP => (float?)Number("min_p");

    public float? RepetitionPenalty => (float?)Number("repetition_penalty");

    public int? ThinkingBudget => Integer("thinking_budget");

    public int? TopLogProbabilities => Integer("top_logprobs");

    /// <summary>Token ids and what is added to their logits. Ids may be whole numbers of any type or text; those of
    /// JSON are text.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias
    {
        get
        {
            const string key = "logit_bias";
            return Find(key) switch
            {
                null => null,
                IEnumerable<KeyValuePair<int, float>> bias => new Dictionary<int, float>(bias),
                IEnumerable<KeyValuePair<int, double>> bias => bias.ToDictionary(p => p.Key, p => (float)p.Value),
                IEnumerable<KeyValuePair<string, object?>> bias =>
                    bias.ToDictionary(p => TokenId(key, p.Key), p => (float)ToNumber(key, p.Value)),
                IDictionary bias => bias.Keys.Cast<object>()
                    .ToDictionary(id => TokenId(key, id), id => (float)ToNumber(key, bias[id])),
                JsonElement { ValueKind: JsonValueKind.Object } json =>
                    json.EnumerateObject().ToDictionary(p => TokenId(key, p.Name), p => (float)ToNumber(key, p.Value)),
                object other => throw Wrong(key, BiasTypes, other),
            };
        }
    }

    /// <summary>Names of adapters and their scales.</summary>
    public IReadOnlyDictionary<string, float>? LoraAdapters
    {
        get
        {
            const string key = "lora_adapters";
            return Find(key) switch
            {
                null => null,
                IEnumerable<KeyValuePair<string, float>> adapters => new Dictionary<string, float>(adapters),
                IEnumerable<KeyValuePair<string, double>> adapters =>
                    adapters.ToDictionary(p => p.Key, p => (float)p.Value),
                IEnumerable<KeyValuePair<string, object?>> adapters =>
                    adapters.ToDictionary(p => p.Key, p => (float)ToNumber(key, p.Value)),
                IDictionary adapters when adapters.Keys.Cast<object>().All(name => name is string) =>
                    adapters.Keys.Cast<string>().ToDictionary(name => name, name => (float)ToNumber(key, adapters[name])),
                JsonElement { ValueKind: JsonValueKind.Object } json =>
                    json.EnumerateObject().ToDictionary(p => p.Name, p => (float)ToNumber(key, p.Value)),
                object other => throw Wrong(
                    key, "a JSON object or an IDictionary from names of adapters to scales", other),
            };
        }
    }

    private object? Find(string key) =>
        properties is not null && properties.TryGetValue(key, out object? value)
        && value is not JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined }
            ? value
            : null;

    private double? Number(string key) => Find(key) is { } value ? ToNumber(key, value) : null;

    private int? Integer(string key)
    {
        double? number = Number(key);
        return number is null || (number == Math.Floor(number.Value) && Math.Abs(number.Value) <= int.MaxValue)
            ? (int?)number
            : throw Wrong(key, "a whole number", number);
    }

    private static double ToNumber(string key, object? value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.Number } json => json.GetDouble(),
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal or Half =>
            ToDouble(value),
        _ => throw Wrong(key, "a number", value),
    };

    // Half alone does not implement IConvertible.
    private static double ToDouble(object value) =>
        value is Half half ? (double)half : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static int TokenId(string key, object value) =>
        value is string or byte or sbyte or short or ushort or int or uint or long or ulong
        && int.TryParse(
            Convert.ToString(value, CultureInfo.InvariantCulture),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int id)
            ? id
            : throw Wrong(key, BiasTypes, value);

    private static ArgumentException Wrong(string key, string wanted, object? found)
    {
        string kind = found is JsonElement json ? $"JSON {json.ValueKind}" : found?.GetType().Name ?? "null";
        return new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"ChatOptions.AdditionalProperties[\"{key}\"] must be {wanted}, but is {kind} ({found})."), key);
    }
}
