using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Remote.Servers;
using SmolLM3.Extensions.Remote.Tests.StandIns;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote.Tests.Servers;

/// <summary>What is sent and read, field by field, as the servers' sources have it.</summary>
public sealed class DialectTests(TinyGenerator tiny) : IClassFixture<TinyGenerator>
{
    private static readonly Segment s_segment = new()
    {
        Prompt = [1, 2, 3],
        MaxTokens = 7,
        Sampling = new()
        {
            Temperature = 0.5f, TopP = 0.25f, Seed = -1, TopLogProbabilities = 2,
            LogitBias = new Dictionary<int, float> { [4] = 1.5f, [5] = float.NegativeInfinity, [6] = 1 },
        },
        StopTokens = [8],
        Banned = [6],
    };

    private Tokenizer Words => tiny.Model.Tokenizer;

    [Fact]
    public void Llama_server_is_asked_by_its_own_names()
    {
        JsonObject body = new LlamaServerDialect(new(Words), adapters: 0).ToBody(s_segment);

        Assert.Equal(
            Compact("""
                {"prompt":[1,2,3],"n_predict":7,"stream":true,"return_tokens":true,"cache_prompt":true,
                "samplers":["penalties","temperature","top_k","top_p","min_p"],
                "temperature":0.5,"top_k":0,"top_p":0.25,"min_p":0,
                "repeat_last_n":10,"repeat_penalty":1,"frequency_penalty":0,"presence_penalty":0,
                "seed":2147483647,"logit_bias":[[6,false],[4,1.5],[5,false]],"n_probs":2}
                """),
            body.ToJsonString());
    }

    [Fact]
    public void Llama_servers_choices_are_literals_of_its_grammars()
    {
        JsonObject body = new LlamaServerDialect(new(Words), adapters: 0).ToBody(
            s_segment with { Form = new AnswerForm { Choices = ["a b", "\"\\\n", "é🙂"] } });

        Assert.Equal("""root ::= "a b" | "\x22\x5C\x0A" | "é🙂" """.Trim(), body["grammar"]!.GetValue<string>());
    }

    [Fact]
    public void Vllm_is_asked_by_its_own_names()
    {
        JsonObject body = Vllm(OpenAIForms.StructuredOutputs).ToBody(s_segment);

        Assert.Equal(
            Compact("""
                {"model":"m","prompt":[1,2,3],"max_tokens":7,"stream":true,"stream_options":{"include_usage":true},
                "temperature":0.5,"top_p":0.25,"top_k":-1,"min_p":0,
                "repetition_penalty":1,"frequency_penalty":0,"presence_penalty":0,"seed":-1,
                "stop_token_ids":[8],"add_special_tokens":false,"skip_special_tokens":false,"spaces_between_special_tokens":false,
                "return_token_ids":true,"logit_bias":{"4":1.5,"5":-100,"6":-100},
                "logprobs":2,"return_tokens_as_token_ids":true}
                """),
            body.ToJsonString());
    }

    [Theory]
    [InlineData(nameof(OpenAIForms.StructuredOutputs), "structured_outputs", """{"regex":"[a-z]"}""")]
    [InlineData(nameof(OpenAIForms.Guided), "guided_regex", "\"[a-z]\"")]
    public void Vllms_forms_have_the_names_of_their_time(string forms, string field, string value) => Assert.Equal(
        value,
        Vllm(Enum.Parse<OpenAIForms>(forms)).ToBody(s_segment with { Form = new AnswerForm { Pattern = "[a-z]" } })[field]!
            .ToJsonString());

    [Fact]
    public void Tokens_llama_server_keeps_back_amid_a_character_are_made_of_their_text()
    {
        int[] smile = Words.Encode("🙂");
        JsonObject message = new()
        {
            ["content"] = "🙂", ["tokens"] = new JsonArray(smile[^1]), ["stop"] = false,
        };

        ServerChunk chunk = new LlamaServerDialect(new(Words), 0).Read(JsonElement.Parse(message.ToJsonString()));

        Assert.True(smile.Length > 1);
        Assert.Equal("🙂", Words.Decode([.. chunk.Tokens.Select(token => token.Id)]));
        Assert.Equal(smile[^1], chunk.Tokens[^1].Id);
    }

    [Theory]
    [InlineData("eos", GenerationEnd.Stop)]
    [InlineData("limit", GenerationEnd.Length)]
    public void Llama_servers_last_message_says_why_and_what_was_cached(string type, GenerationEnd end)
    {
        ServerChunk chunk = new LlamaServerDialect(new(Words), 0).Read(JsonElement.Parse(
            $$$"""{"content":"","tokens":[],"stop":true,"stop_type":"{{{type}}}","timings":{"cache_n":12}}"""));

        Assert.Empty(chunk.Tokens);
        Assert.Equal((end, 12), (chunk.End, chunk.CachedTokens));
    }

    [Fact]
    public void Text_without_ids_is_no_control()
    {
        TokenTexts texts = new(Words);
        int[] ids = [.. texts.Of("a<tool_call><|im_end|>")];

        Assert.Contains(tiny.Model.Vocabulary!.CallStart, ids);
        Assert.DoesNotContain(tiny.Model.Vocabulary.TurnEnd, ids);
        Assert.Equal("a<tool_call><|im_end|>", Encoding.UTF8.GetString([.. ids.SelectMany(id => Words.GetBytes(id).ToArray())]));
        Assert.Throws<FormatException>(() => texts.Missing("x", [Words.VocabularySize]));
    }

    [Theory]
    [InlineData("""{"choices":[{"finish_reason":"abort","text":""}]}""")]
    [InlineData("""{"choices":[{"token_ids":["x"]}]}""")]
    public void What_makes_no_sense_is_no_answer(string message) =>
        Assert.ThrowsAny<Exception>(() => Vllm(OpenAIForms.None).Read(JsonElement.Parse(message)));

    private static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString();

    private OpenAIDialect Vllm(OpenAIForms forms) => new(new(Words), "m", [], forms);
}
