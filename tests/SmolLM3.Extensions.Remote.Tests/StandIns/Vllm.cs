using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote.Tests.StandIns;

/// <summary>Speaks as vLLM: see its vllm/entrypoints/openai/completion/protocol.py.</summary>
internal sealed class Vllm(LoadedModel model) : StandIn(model)
{
    private TokenDecoder _decoder = new(model.Tokenizer);

    public string Version { get; set; } = "0.11.2";

    /// <summary>Who it says it is.</summary>
    public string OwnedBy { get; set; } = "vllm";

    /// <summary>Whether it returns ids, one way or the other.</summary>
    public bool ReturnsIds { get; set; } = true;

    public IReadOnlyList<string> Adapters { get; set; } = [];

    private bool IsOld => Version.StartsWith("0.10.", StringComparison.Ordinal);

    protected override void Map(WebApplication app)
    {
        app.MapGet("/v1/models", () => new
        {
            @object = "list",
            data = Adapters.Select(id => Entry(id, ModelName)).Prepend(Entry(ModelName, null)),
        });
        app.MapGet("/version", () => new { version = Version });
        app.MapPost("/tokenize", async (HttpContext context) =>
        {
            JsonNode body = (await JsonNode.ParseAsync(context.Request.Body))!;
            int[] tokens = Tokenize(body["prompt"]!.GetValue<string>());
            return new { count = tokens.Length, max_model_len = ContextLength, tokens };
        });
        app.MapPost("/v1/completions", CompleteAsync);
    }

    protected override GenerationRequest ToRequest(JsonObject body)
    {
        _decoder = new(Model.Tokenizer);
        return new GenerationRequest
        {
            PromptTokens = Ids(body["prompt"]),
            MaxTokens = body["max_tokens"]!.GetValue<int>(),
            StopTokens = Ids(body["stop_token_ids"]),
            Sampling = new SamplingOptions
            {
                Temperature = Number(body, "temperature", 1),
                TopP = Number(body, "top_p", 1),
                TopK = Math.Max(0, (int)Number(body, "top_k", 0)),
                Seed = body["seed"]!.GetValue<long>(),
                TopLogProbabilities = (int)Number(body, "logprobs", 0),
            },
            Constraints = Hold(
                Form(body),
                (body["logit_bias"]?.AsObject() ?? []).Where(pair => pair.Value!.GetValue<float>() <= -100)
                    .Select(pair => int.Parse(pair.Key, System.Globalization.CultureInfo.InvariantCulture))),
        };
    }

    protected override IEnumerable<string> Messages(GeneratedToken token, JsonObject body, List<GeneratedToken> all)
    {
        bool isEnd = Model.Tokenizer.EndTokens.Contains(token.Id);
        JsonObject choice = new()
        {
            ["index"] = 0,
            ["text"] = isEnd ? "" : _decoder.Append(token.Id),
            ["logprobs"] = Likely(token, body),
            ["finish_reason"] = token.End switch
            {
                GenerationEnd.Stop => "stop",
                GenerationEnd.Length => "length",
                _ => null,
            },
            ["stop_reason"] = null,
        };
        if (ReturnsIds && !IsOld && body["return_token_ids"]?.GetValue<bool>() == true)
        {
            choice["token_ids"] = new JsonArray(token.Id);
        }

        yield return Message(choice).ToJsonString();
    }

    protected override string EndMessage(GenerationEnd end, JsonObject body, List<GeneratedToken> all)
    {
        if (all.Count == 0 || all[^1].End is null)
        {
            return Message(new JsonObject { ["index"] = 0, ["text"] = "", ["finish_reason"] = "length" }).ToJsonString();
        }

        JsonObject usage = Message(null);
        usage["usage"] = new JsonObject
        {
            ["prompt_tokens"] = Ids(body["prompt"]).Length,
            ["completion_tokens"] = all.Count,
            ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = all[0].CachedPromptTokens },
        };
        return usage.ToJsonString() + "\n[DONE]";
    }

    private AnswerForm? Form(JsonObject body)
    {
        JsonNode? Find(string name) => IsOld
            ? body["guided_" + name]
            : body["structured_outputs"] is { } outputs ? outputs[name] : null;
        return Find("json") is { } schema ? Schema(schema)
            : Find("regex") is { } pattern ? new() { Pattern = pattern.GetValue<string>() }
            : Find("choice") is { } choices ? new() { Choices = [.. choices.AsArray().Select(text => text!.GetValue<string>())] }
            : Find("json_object") is not null || body["response_format"] is not null ? new()
            : null;
    }

    private JsonObject? Likely(GeneratedToken token, JsonObject body)
    {
        if (body["logprobs"] is null || !ReturnsIds)
        {
            return null;
        }

        JsonObject top = [];
        foreach (TokenLogProbability rival in token.LogProbabilities?.Top ?? [])
        {
            top[$"token_id:{rival.Id}"] = rival.LogProbability;
        }

        return new JsonObject
        {
            ["tokens"] = new JsonArray($"token_id:{token.Id}"),
            ["token_logprobs"] = new JsonArray(token.LogProbabilities?.Chosen.LogProbability ?? 0),
            ["top_logprobs"] = new JsonArray(top),
            ["text_offset"] = new JsonArray(0),
        };
    }

    private JsonObject Message(JsonObject? choice) => new()
    {
        ["id"] = "cmpl-1",
        ["object"] = "text_completion",
        ["model"] = ModelName,
        ["choices"] = choice is null ? new JsonArray() : new JsonArray(choice),
        ["usage"] = null,
    };

    private object Entry(string id, string? parent) =>
        new { id, @object = "model", owned_by = OwnedBy, root = id, parent, max_model_len = ContextLength };
}
