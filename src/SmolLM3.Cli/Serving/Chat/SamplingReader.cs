using System.Globalization;
using System.Text.Json;
using SmolLM3.Extensions;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary>Reads how tokens are drawn and where an answer ends.</summary>
internal static class SamplingReader
{
    private const float Ban = -100;

    /// <summary>Sampling; the client checks the ranges.</summary>
    public static SmolLM3RequestOptions Read(JsonFields body) => new()
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
                Bias(bias.Number(property.Name) ?? 0);
        }

        return all;
    }
}
