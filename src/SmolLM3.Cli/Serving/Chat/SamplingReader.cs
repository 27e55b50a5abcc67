using System.Globalization;
using System.Text.Json;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Reads how tokens are drawn and where an answer ends.</summary>
internal static class SamplingReader
{
    private const float Ban = -100;

    // What OpenAI or vLLM have, what would change the answer, and what there is not here.
    private static readonly string[] s_unsupported =
    [
        "best_of", "use_beam_search", "allowed_token_ids", "prompt_logprobs", "truncate_prompt_tokens", "min_tokens",
        "ignore_eos", "bad_words",
    ];

    /// <summary>Sampling; the client checks the ranges.</summary>
    public static SmolLM3RequestOptions Read(JsonFields body)
    {
        foreach (string name in s_unsupported)
        {
            if (body.Find(name) is { } value && !IsNeutral(name, value))
            {
                throw body.Unsupported(name, $"{name} is not supported.");
            }
        }

        return ReadSupported(body);
    }

    private static SmolLM3RequestOptions ReadSupported(JsonFields body) => new()
    {
        Temperature = body.Number("temperature"),
        TopP = body.Number("top_p"),
        TopK = body.Integer("top_k", -1, int.MaxValue) is { } topK ? Math.Max(0, (int)topK) : null,
        MinP = body.Number("min_p"),
        FrequencyPenalty = body.Number("frequency_penalty"),
        PresencePenalty = body.Number("presence_penalty"),
        RepetitionPenalty = body.Number("repetition_penalty"),
        ThinkingBudget = (int?)body.Integer("thinking_budget", 0, int.MaxValue),
        LogitBias = ReadBias(body),
        StopTokens = body.Ids("stop_token_ids"),
    };

    /// <summary><c>stop</c>: a text or several.</summary>
    public static IList<string>? ReadStops(JsonFields body)
    {
        string[] texts = body.Find("stop") is not { ValueKind: JsonValueKind.String } ? body.Texts("stop")
            : body.Text("stop") is { Length: > 0 } text ? [text]
            : throw body.Wrong("stop", "a text or a list of texts, none of them empty");
        return texts.Length == 0 ? null : texts;
    }

    private static bool IsNeutral(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.Number => value.TryGetInt32(out int number) && number == (name == "best_of" ? 1 : 0),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };

    // From -100 on a token never comes, as OpenAI has it.
    private static float Bias(float value) => value <= Ban ? float.NegativeInfinity : value;

    private static Dictionary<int, float>? ReadBias(JsonFields body)
    {
        if (body.Object("logit_bias") is not { } bias)
        {
            return null;
        }

        Dictionary<int, float> all = [];
        foreach (JsonProperty property in bias.Json.EnumerateObject())
        {
            all[int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                ? id : throw body.Wrong("logit_bias", "an object from token ids to numbers")] =
                JsonFields.TryReadNumber(property.Value, out float value)
                    ? Bias(value) : throw bias.Wrong(property.Name, "a number");
        }

        return all;
    }
}
