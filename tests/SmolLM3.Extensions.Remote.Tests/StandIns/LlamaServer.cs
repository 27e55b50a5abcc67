using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Sampling;

namespace SmolLM3.Extensions.Remote.Tests.StandIns;

/// <summary>Speaks as llama.cpp's server: see its tools/server/README.md and server-context.cpp.</summary>
internal sealed partial class LlamaServer(LoadedModel model) : StandIn(model)
{
    public int VocabularySize { get; set; } = model.Tokenizer.VocabularySize;

    /// <summary>Paths of its LoRA adapters.</summary>
    public IReadOnlyList<string> Adapters { get; set; } = [];

    protected override void Map(WebApplication app)
    {
        app.MapGet("/v1/models", () => new
        {
            @object = "list",
            data = new[]
            {
                new
                {
                    id = ModelName,
                    @object = "model",
                    owned_by = "llamacpp",
                    meta = new { vocab_type = 2, n_vocab = VocabularySize, n_ctx_train = 65536, n_params = 1234L },
                },
            },
        });
        app.MapGet("/props", () => new
        {
            default_generation_settings = new { n_ctx = ContextLength },
            total_slots = 4,
            build_info = "b6999-c0c7e147",
        });
        app.MapGet("/lora-adapters", () => Adapters.Select((path, id) => new { id, path, scale = 1.0 }));
        app.MapPost("/tokenize", async (HttpContext context) =>
        {
            JsonNode body = (await JsonNode.ParseAsync(context.Request.Body))!;
            return new { tokens = Tokenize(body["content"]!.GetValue<string>()) };
        });
        app.MapPost("/completion", CompleteAsync);
    }

    protected override GenerationRequest ToRequest(JsonObject body)
    {
        AnswerForm? form = body["grammar"] is { } grammar
            ? new() { Choices = [.. Literal().Matches(grammar.GetValue<string>()).Select(match => match.Groups[1].Value)] }
            : body["json_schema"] is JsonObject { Count: > 0 } schema ? Schema(schema)
            : body["json_schema"] is not null ? new()
            : null;
        if (Number(body, "repeat_last_n", 64) < 0)
        {
            throw new BadHttpRequestException("repeat_last_n: Value must be between 0 <= value <= 2147483647");
        }

        return new GenerationRequest
        {
            PromptTokens = Ids(body["prompt"]),
            MaxTokens = body["n_predict"]!.GetValue<int>(),
            StopTokens = Model.Tokenizer.EndTokens,
            Sampling = new SamplingOptions
            {
                Temperature = Number(body, "temperature", 0.8f),
                TopP = Number(body, "top_p", 0.95f),
                TopK = (int)Number(body, "top_k", 40),
                Seed = body["seed"]!.GetValue<long>(),
                TopLogProbabilities = (int)Number(body, "n_probs", 0),
            },
            Constraints = Hold(
                form,
                body["logit_bias"]!.AsArray().Where(pair => pair![1]!.GetValueKind() == System.Text.Json.JsonValueKind.False)
                    .Select(pair => pair![0]!.GetValue<int>())),
        };
    }

    protected override IEnumerable<string> Messages(GeneratedToken token, JsonObject body, List<GeneratedToken> all)
    {
        // Amid a character it sends nothing, and the ids of its other tokens are never seen.
        string text = Unsent(all);
        if (IsAmidCharacter(text))
        {
            yield break;
        }

        JsonObject message = new()
        {
            ["index"] = 0,
            ["content"] = text,
            ["tokens"] = new JsonArray(token.Id),
            ["stop"] = false,
            ["id_slot"] = 0,
            ["tokens_predicted"] = all.Count,
            ["tokens_evaluated"] = Ids(body["prompt"]).Length,
        };
        if (token.LogProbabilities is { } likely)
        {
            JsonObject chosen = One(likely.Chosen);
            chosen["top_logprobs"] = new JsonArray([.. likely.Top.Select(One)]);
            message["completion_probabilities"] = new JsonArray(chosen);
        }

        yield return message.ToJsonString();
    }

    protected override string EndMessage(GenerationEnd end, JsonObject body, List<GeneratedToken> all) => new JsonObject
    {
        ["index"] = 0,
        ["content"] = "",
        ["tokens"] = new JsonArray(),
        ["stop"] = true,
        ["tokens_predicted"] = all.Count,
        ["stop_type"] = end == GenerationEnd.Stop ? "eos" : "limit",
        ["timings"] = new JsonObject { ["cache_n"] = all.Count > 0 ? all[0].CachedPromptTokens : 0, ["prompt_n"] = 1 },
    }.ToJsonString();

    /// <summary>The text of the last token, and of those before it that were held back.</summary>
    private string Unsent(List<GeneratedToken> all)
    {
        List<byte> bytes = [];
        foreach (GeneratedToken token in all)
        {
            if (!IsAmidCharacter(Encoding.UTF8.GetString([.. bytes])))
            {
                bytes.Clear();
            }

            bytes.AddRange(Model.Tokenizer.EndTokens.Contains(token.Id) ? [] : Model.Tokenizer.GetBytes(token.Id));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool IsAmidCharacter(string text) => text.EndsWith('\uFFFD');

    private JsonObject One(TokenLogProbability token) => new()
    {
        ["id"] = token.Id,
        ["token"] = Model.Tokenizer.Decode([token.Id]),
        ["bytes"] = new JsonArray(),
        ["logprob"] = token.LogProbability,
    };

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Literal();
}
