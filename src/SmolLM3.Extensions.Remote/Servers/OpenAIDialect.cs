using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary><c>POST /v1/completions</c> with the fields vLLM adds to OpenAI's; who does not know them ignores
/// them.</summary>
/// <param name="texts">Makes tokens of text that comes without ids.</param>
/// <param name="model">Name of the model.</param>
/// <param name="adapters">Names of its LoRA adapters, which are models of their own.</param>
/// <param name="forms">How forms of answers are asked for.</param>
internal sealed class OpenAIDialect(
    TokenTexts texts, string model, IReadOnlyList<string> adapters, OpenAIForms forms) : IDialect
{
    // What OpenAI's interface takes; as good as never and always.
    private const float MostBias = 100;

    // vLLM takes no 0; with this, too, none but the likeliest token is left.
    private const float LeastTopP = 1e-6f;

    private const string IdPrefix = "token_id:";

    /// <inheritdoc/>
    public string Path => "v1/completions";

    /// <inheritdoc/>
    public bool EnforcesSchemas => forms != OpenAIForms.None;

    /// <inheritdoc/>
    public void Check(AnswerForm? form, AdapterSet used)
    {
        if (form is not null && forms == OpenAIForms.None)
        {
            throw new NotSupportedException(
                "It is not known how this server holds an answer to a form. If it takes vLLM's structured_outputs, set "
                + "ServerOptions.Kind to Vllm; otherwise ask without a response format.");
        }

        if (used.Uses is not ([] or [{ Scale: 1 }]))
        {
            throw new NotSupportedException("vLLM applies one LoRA adapter at most, at the scale 1.");
        }
    }

    /// <inheritdoc/>
    public JsonObject ToBody(Segment segment)
    {
        SamplingOptions sampling = segment.Sampling;
        JsonObject body = new()
        {
            ["model"] = segment.Adapters.Uses is [{ } use] ? adapters[use.Adapter] : model,
            ["prompt"] = new JsonArray([.. segment.Prompt.Select(id => JsonValue.Create(id))]),
            ["max_tokens"] = segment.MaxTokens,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
            ["temperature"] = sampling.Temperature,
            ["top_p"] = Math.Max(sampling.TopP, LeastTopP),
            ["top_k"] = sampling.TopK > 0 ? sampling.TopK : -1,
            ["min_p"] = sampling.MinP,
            ["repetition_penalty"] = sampling.RepetitionPenalty,
            ["frequency_penalty"] = sampling.FrequencyPenalty,
            ["presence_penalty"] = sampling.PresencePenalty,
            ["seed"] = sampling.Seed,
            ["stop_token_ids"] = new JsonArray([.. segment.StopTokens.Select(id => JsonValue.Create(id))]),
            ["add_special_tokens"] = false,
            ["skip_special_tokens"] = false,
            ["spaces_between_special_tokens"] = false,
            ["return_token_ids"] = true,
        };
        JsonObject bias = Bias(segment);
        if (bias.Count > 0)
        {
            body["logit_bias"] = bias;
        }

        // Before return_token_ids came, log-probabilities were the way to ids.
        if (sampling.TopLogProbabilities > 0 || forms == OpenAIForms.Guided)
        {
            body["logprobs"] = sampling.TopLogProbabilities;
            body["return_tokens_as_token_ids"] = true;
        }

        AddForm(body, segment.Form);
        return body;
    }

    /// <inheritdoc/>
    public ServerChunk Read(JsonElement message)
    {
        JsonElement choice = message.TryGetProperty("choices", out JsonElement choices) && choices.GetArrayLength() > 0
            ? choices[0]
            : default;
        return new ServerChunk
        {
            Tokens = choice.ValueKind == JsonValueKind.Object ? Tokens(choice) : [],
            End = choice.ValueKind == JsonValueKind.Object && Find(choice, "finish_reason")?.GetString() is { } reason
                ? reason == "length" ? GenerationEnd.Length
                    : reason == "stop" ? GenerationEnd.Stop
                    : throw new FormatException($"The server gave the answer up: {reason}.")
                : null,
            CachedTokens = Find(message, "usage") is { } usage && Find(usage, "prompt_tokens_details") is { } details
                ? Find(details, "cached_tokens")?.GetInt32()
                : null,
        };
    }

    private List<ServerToken> Tokens(JsonElement choice)
    {
        List<TokenLogProbabilities?> likely = Likely(choice);
        IReadOnlyList<int> ids = Find(choice, "token_ids") is { } given
            ? [.. given.EnumerateArray().Select(id => id.GetInt32())]
            : likely.Count > 0 ? [.. likely.Select(each => each!.Chosen.Id)]
            : texts.Of(Find(choice, "text")?.GetString() ?? "");
        return [.. ids.Select((id, i) => new ServerToken(id, i < likely.Count ? likely[i] : null))];
    }

    private static List<TokenLogProbabilities?> Likely(JsonElement choice)
    {
        List<TokenLogProbabilities?> likely = [];
        if (Find(choice, "logprobs") is not { } all || Find(all, "tokens") is not { } tokens)
        {
            return likely;
        }

        for (int i = 0; i < tokens.GetArrayLength(); i++)
        {
            if (Id(tokens[i].GetString()) is not { } id)
            {
                return [];
            }

            TokenLogProbability[] top = Find(all, "top_logprobs") is { } lists && lists[i].ValueKind == JsonValueKind.Object
                ? [.. lists[i].EnumerateObject()
                    .Select(rival => new TokenLogProbability(Id(rival.Name) ?? -1, rival.Value.GetSingle()))
                    .OrderByDescending(rival => rival.LogProbability)]
                : [];
            likely.Add(new(new(id, all.GetProperty("token_logprobs")[i].GetSingle()), top));
        }

        return likely;
    }

    private static int? Id(string? token) =>
        token is not null && token.StartsWith(IdPrefix, StringComparison.Ordinal)
        && int.TryParse(token.AsSpan(IdPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? id
            : null;

    private static JsonElement? Find(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static JsonObject Bias(Segment segment)
    {
        JsonObject bias = [];
        foreach ((int token, float value) in segment.Sampling.LogitBias ?? new Dictionary<int, float>())
        {
            bias[token.ToString(CultureInfo.InvariantCulture)] = Math.Clamp(value, -MostBias, MostBias);
        }

        foreach (int token in segment.Banned)
        {
            bias[token.ToString(CultureInfo.InvariantCulture)] = -MostBias;
        }

        return bias;
    }

    private void AddForm(JsonObject body, AnswerForm? form)
    {
        (string Name, JsonNode Value)? asked = form switch
        {
            null => null,
            { Choices: { } choices } =>
                ("choice", new JsonArray([.. choices.Select(choice => JsonValue.Create(choice))])),
            { Pattern: { } pattern } => ("regex", JsonValue.Create(pattern)),
            { Schema: { } schema } => ("json", JsonNode.Parse(schema.GetRawText())!),
            _ => ("json_object", JsonValue.Create(true)),
        };
        if (asked is not { } what)
        {
            return;
        }

        if (forms == OpenAIForms.StructuredOutputs)
        {
            body["structured_outputs"] = new JsonObject { [what.Name] = what.Value };
        }
        else if (what.Name == "json_object")
        {
            body["response_format"] = new JsonObject { ["type"] = "json_object" };
        }
        else
        {
            body["guided_" + what.Name] = what.Value;
        }
    }
}
