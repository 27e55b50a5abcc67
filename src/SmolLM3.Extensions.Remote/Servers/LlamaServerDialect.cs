using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>llama.cpp's server: <c>POST /completion</c>, as its tools/server documents it.</summary>
/// <param name="texts">Makes tokens of text it sends without.</param>
/// <param name="adapters">Number of its LoRA adapters.</param>
internal sealed class LlamaServerDialect(TokenTexts texts, int adapters) : IDialect
{
    // Its seeds have 32 bits, of which all set mean a random one.
    private const long SeedMask = 0x7FFF_FFFF;

    /// <inheritdoc/>
    public string Path => "completion";

    /// <inheritdoc/>
    public bool EnforcesSchemas => true;

    /// <inheritdoc/>
    public void Check(AnswerForm? form, AdapterSet adapters)
    {
        if (form?.Pattern is not null)
        {
            throw new NotSupportedException(
                "llama-server holds no answer to a regular expression. Use a JSON schema or choices, another server, or an "
                + "engine in this process.");
        }
    }

    /// <inheritdoc/>
    public JsonObject ToBody(Segment segment)
    {
        SamplingOptions sampling = segment.Sampling;
        JsonObject body = new()
        {
            ["prompt"] = Numbers(segment.Prompt),
            ["n_predict"] = segment.MaxTokens,
            ["stream"] = true,
            ["return_tokens"] = true,
            ["cache_prompt"] = true,

            // Its own order has the temperature last.
            ["samplers"] = new JsonArray("penalties", "temperature", "top_k", "top_p", "min_p"),
            ["temperature"] = sampling.Temperature,
            ["top_k"] = sampling.TopK,
            ["top_p"] = sampling.TopP,
            ["min_p"] = sampling.MinP,

            // All of prompt and answer. Older servers say -1 for it, which newer ones refuse.
            ["repeat_last_n"] = segment.Prompt.Count + segment.MaxTokens,
            ["repeat_penalty"] = sampling.RepetitionPenalty,
            ["frequency_penalty"] = sampling.FrequencyPenalty,
            ["presence_penalty"] = sampling.PresencePenalty,
            ["seed"] = sampling.Seed!.Value & SeedMask,
            ["logit_bias"] = Bias(segment),
        };
        if (sampling.TopLogProbabilities > 0)
        {
            body["n_probs"] = sampling.TopLogProbabilities;
        }

        if (adapters > 0)
        {
            // Those not named would be applied as the server was started.
            body["lora"] = new JsonArray([.. Enumerable.Range(0, adapters).Select(id => new JsonObject
            {
                ["id"] = id,
                ["scale"] = segment.Adapters.Uses.Where(use => use.Adapter == id).Sum(use => use.Scale),
            })]);
        }

        switch (segment.Form)
        {
            case { Choices: { } choices }:
                body["grammar"] = "root ::= " + string.Join(" | ", choices.Select(Quote));
                break;
            case { Schema: { } schema }:
                body["json_schema"] = JsonNode.Parse(schema.GetRawText());
                break;
            case not null:
                body["json_schema"] = new JsonObject();
                break;
        }

        return body;
    }

    /// <inheritdoc/>
    public ServerChunk Read(JsonElement message)
    {
        bool isEnd = message.GetProperty("stop").GetBoolean();
        return new ServerChunk
        {
            // The last message repeats what came, or nothing.
            Tokens = isEnd ? [] : Tokens(message),
            End = !isEnd ? null
                : message.TryGetProperty("stop_type", out JsonElement type) && type.GetString() == "limit"
                    ? GenerationEnd.Length
                    : GenerationEnd.Stop,
            Generated = message.TryGetProperty("tokens_predicted", out JsonElement generated) ? generated.GetInt32() : null,
            CachedTokens = message.TryGetProperty("timings", out JsonElement timings)
                && timings.TryGetProperty("cache_n", out JsonElement cached)
                ? cached.GetInt32()
                : null,
        };
    }

    private List<ServerToken> Tokens(JsonElement message)
    {
        int[] ids = [.. message.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32())];

        // Tokens that end amid a character are sent as text only, together with the one that ends it.
        List<ServerToken> tokens = [.. texts.Missing(message.GetProperty("content").GetString() ?? "", ids)
            .Select(id => new ServerToken(id))];
        JsonElement[] likely = message.TryGetProperty("completion_probabilities", out JsonElement all)
            ? [.. all.EnumerateArray()]
            : [];
        for (int i = 0; i < ids.Length; i++)
        {
            tokens.Add(new(ids[i], i < likely.Length ? Likely(likely[i]) : null));
        }

        return tokens;
    }

    private static TokenLogProbabilities Likely(JsonElement token) => new(
        One(token), [.. token.GetProperty("top_logprobs").EnumerateArray().Select(One)]);

    private static TokenLogProbability One(JsonElement token) =>
        new(token.GetProperty("id").GetInt32(), token.GetProperty("logprob").GetSingle());

    private static JsonArray Bias(Segment segment)
    {
        JsonArray bias = [];
        foreach (int token in segment.Banned)
        {
            bias.Add((JsonNode)new JsonArray(token, false));
        }

        foreach ((int token, float value) in segment.Sampling.LogitBias ?? new Dictionary<int, float>())
        {
            if (!segment.Banned.Contains(token))
            {
                bias.Add((JsonNode)new JsonArray(token, float.IsFinite(value) ? value : false));
            }
        }

        return bias;
    }

    // A literal of its grammars; what they would read otherwise is written as code points.
    private static string Quote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value is < ' ' or '"' or '\\' or 0x7F
                ? quoted.Append($"\\x{rune.Value:X2}")
                : quoted.Append(rune);
        }

        return quoted.Append('"').ToString();
    }

    private static JsonArray Numbers(IEnumerable<int> values) => [.. values.Select(value => JsonValue.Create(value))];
}
