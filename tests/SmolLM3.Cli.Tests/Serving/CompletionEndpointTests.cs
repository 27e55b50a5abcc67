using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Tests.Serving;

public sealed class CompletionEndpointTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task Text_and_its_token_ids_go_on_alike_whole_and_streamed()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        string ids = string.Join(", ", Words(server).Encode("Hello! How can"));

        JsonElement text = await server.AskAsync(Body("\"Hello! How can\""), Path);
        JsonElement tokens = await server.AskAsync(Body($"[{ids}]"), Path);
        string[] events = await server.StreamAsync(
            Body("\"Hello! How can\"", "\"stream\": true, \"stream_options\": {\"include_usage\": true}"), Path);

        Assert.NotEqual("", TextOf(text));
        Assert.Equal(TextOf(text), TextOf(tokens));
        Assert.Equal(TextOf(text), string.Concat(events[..^2].Select(data => TextOf(JsonElement.Parse(data)))));
        JsonElement usage = JsonElement.Parse(events[^2]).GetProperty("usage");
        Assert.Equal(
            text.GetProperty("usage").GetProperty("completion_tokens").GetInt32(),
            usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal("text_completion", text.GetProperty("object").GetString());
        Assert.Equal("[DONE]", events[^1]);
    }

    [Fact]
    public async Task The_prompt_is_repeated_on_demand_and_choices_differ()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        JsonElement answer = await server.AskAsync("""
            {"prompt": "Hello!", "echo": true, "n": 3, "temperature": 2, "seed": 3, "max_tokens": 12}
            """, Path);

        string[] texts = [.. answer.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("text").GetString()!)];
        Assert.Equal(3, texts.Distinct().Count());
        Assert.All(texts, text => Assert.StartsWith("Hello!", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_probabilities_come_in_lists()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        JsonElement answer = await server.AskAsync(Body("\"Hello!\"", "\"logprobs\": 2"), Path);

        JsonElement lists = answer.GetProperty("choices")[0].GetProperty("logprobs");
        int count = lists.GetProperty("tokens").GetArrayLength();
        Assert.True(count > 0);
        Assert.Equal(count, lists.GetProperty("token_logprobs").GetArrayLength());
        Assert.All(
            lists.GetProperty("top_logprobs").EnumerateArray(),
            top => Assert.InRange(top.EnumerateObject().Count(), 1, 2));
    }

    [Theory]
    [InlineData("{}", "prompt")]
    [InlineData("""{"prompt": []}""", "prompt")]
    [InlineData("""{"prompt": ["a", ""]}""", "prompt")]
    [InlineData("""{"prompt": ["a", 1]}""", "prompt")]
    [InlineData("""{"prompt": [[1], []]}""", "prompt")]
    [InlineData("""{"prompt": ["a", "b"], "n": 100}""", "n")]
    [InlineData("""{"prompt": "a", "stop_token_ids": ["b"]}""", "stop_token_ids")]
    [InlineData("""{"prompt": "a", "guided_json": {}}""", "guided_json")]
    [InlineData("""{"prompt": "a", "structured_outputs": {}}""", "structured_outputs")]
    [InlineData("""{"prompt": "a", "structured_outputs": {"json": "{"}}""", "structured_outputs.json")]
    [InlineData("""{"prompt": "a", "structured_outputs": {"json": {}, "regex": "b"}}""", "structured_outputs")]
    [InlineData("""{"prompt": "a", "structured_outputs": {"choice": [""]}}""", "structured_outputs.choice")]
    [InlineData("""{"prompt": "a", "structured_outputs": {"grammar": "root ::= x"}}""", "structured_outputs.grammar")]
    [InlineData(
        """{"prompt": "a", "structured_outputs": {"regex": "b"}, "response_format": {"type": "json_object"}}""",
        "structured_outputs")]
    [InlineData("""{"prompt": "a", "suffix": "b"}""", "suffix")]
    [InlineData("""{"prompt": "a", "echo": true, "logprobs": 1}""", "logprobs")]
    public async Task What_cannot_be_honoured_is_refused(string body, string parameter)
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage response = await server.PostAsync(body, Path);

        Assert.Equal(400, (int)response.StatusCode);
        JsonElement error = (await RunningServer.ReadAsync(response)).GetProperty("error");
        Assert.Equal(parameter, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task Ids_outside_the_vocabulary_are_refused()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        Assert.Equal(400, (int)(await server.PostAsync("""{"prompt": [99999999]}""", Path)).StatusCode);
    }

    [Fact]
    public async Task Several_prompts_are_answered_in_their_order_each_as_if_alone()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        string ids = "[" + string.Join(", ", Words(server).Encode("What is 3 + 4?")) + "]";

        JsonElement both = await server.AskAsync(
            Body("[\"Hello! How can\", \"What is 3 + 4?\"]", "\"n\": 2, \"echo\": true"), Path);
        JsonElement asIds = await server.AskAsync(Body($"[{ids}, {ids}]", "\"stream\": false"), Path);
        JsonElement first = await server.AskAsync(Body("\"Hello! How can\""), Path);
        JsonElement second = await server.AskAsync(Body("\"What is 3 + 4?\""), Path);
        string[] events = await server.StreamAsync(
            Body("[\"Hello! How can\", \"What is 3 + 4?\"]", "\"stream\": true"), Path);

        string[] alone = [TextOf(first), TextOf(second)];
        JsonElement[] choices = [.. both.GetProperty("choices").EnumerateArray()];
        Assert.Equal([0, 1, 2, 3], choices.Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(
            ["Hello! How can" + alone[0], "Hello! How can" + alone[0], "What is 3 + 4?" + alone[1],
                "What is 3 + 4?" + alone[1]],
            choices.Select(choice => choice.GetProperty("text").GetString()!));
        Assert.Equal([alone[1], alone[1]], asIds.GetProperty("choices").EnumerateArray()
            .Select(choice => choice.GetProperty("text").GetString()!));
        Assert.Equal(Prompt(first) + Prompt(second), Prompt(both));
        Assert.Equal(alone, Enumerable.Range(0, 2).Select(index => string.Concat(events[..^1]
            .Select(data => JsonElement.Parse(data).GetProperty("choices")[0])
            .Where(choice => choice.GetProperty("index").GetInt32() == index)
            .Select(choice => choice.GetProperty("text").GetString()))));

        static int Prompt(JsonElement answer) => answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
    }

    [Fact]
    public async Task Token_ids_come_on_demand_with_every_part()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        Tokenizer words = Words(server);

        JsonElement whole = await server.AskAsync(
            Body("\"2 + 3 = 5\\n4 + 4 =\"", "\"return_token_ids\": true, \"logprobs\": 1, \"return_tokens_as_token_ids\": true"),
            Path);
        string[] events = await server.StreamAsync(
            Body("\"2 + 3 = 5\\n4 + 4 =\"", "\"return_token_ids\": true, \"stream\": true"), Path);

        JsonElement choice = whole.GetProperty("choices")[0];
        int[] ids = Ids(choice, "token_ids");
        Assert.Equal(whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), ids.Length);
        Assert.Equal(TextOf(whole) + "<|im_end|>", words.Decode(ids));
        Assert.Equal(words.Encode("2 + 3 = 5\n4 + 4 ="), Ids(choice, "prompt_token_ids"));
        Assert.Equal(
            ids[..^1].Select(id => $"token_id:{id}"),
            choice.GetProperty("logprobs").GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!));
        Assert.Equal(0, choice.GetProperty("logprobs").GetProperty("text_offset")[0].GetInt32());
        JsonElement[] parts = [.. events[..^1].Select(data => JsonElement.Parse(data).GetProperty("choices")[0])];
        Assert.Equal(ids, parts.SelectMany(part => Ids(part, "token_ids")));
        Assert.Single(parts, part => part.TryGetProperty("prompt_token_ids", out _));
        Assert.All(parts[..^1], part => Assert.Single(Ids(part, "token_ids")));
    }

    [Fact]
    public async Task A_stop_token_ends_the_text_and_a_banned_one_never_comes()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        JsonElement free = await server.AskAsync(Body("\"Hello! How can\"", "\"return_token_ids\": true"), Path);
        int[] ids = Ids(free.GetProperty("choices")[0], "token_ids");

        JsonElement stopped = await server.AskAsync(
            Body("\"Hello! How can\"", $"\"return_token_ids\": true, \"stop_token_ids\": [{ids[2]}]"), Path);
        JsonElement banned = await server.AskAsync(
            Body("\"Hello! How can\"", $"\"return_token_ids\": true, \"logit_bias\": {{\"{ids[0]}\": -100}}"), Path);

        int end = Array.IndexOf(ids, ids[2]);
        Assert.Equal(ids[..(end + 1)], Ids(stopped.GetProperty("choices")[0], "token_ids"));
        Assert.Equal(Words(server).Decode(ids[..end]), TextOf(stopped));
        Assert.Equal("stop", stopped.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.DoesNotContain(ids[0], Ids(banned.GetProperty("choices")[0], "token_ids"));
    }

    [Theory]
    [InlineData("""{"json": {"enum": [[7, 8]]}}""", "^\\[7, 8\\]$")]
    [InlineData("""{"json": "{\"const\": \"x\"}"}""", "^\"x\"$")]
    [InlineData("""{"json_object": true}""", "^[{\\[\"0-9tfn-]")]
    [InlineData("""{"regex": "[0-9]{3}"}""", "^[0-9]{3}$")]
    [InlineData("""{"choice": ["six", "seven"]}""", "^(six|seven)$")]
    public async Task Forms_are_held_as_vllm_names_them(string outputs, string expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();

        JsonElement answer = await server.AskAsync(Body("\"3 + 4 =\"", $"\"structured_outputs\": {outputs}"), Path);

        Assert.Matches(expected, TextOf(answer));
    }

    [Fact]
    public async Task A_text_is_tokenized_without_special_tokens_and_the_version_is_told()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        JsonElement tokens = await server.AskAsync("""{"prompt": "a<|im_end|>"}""", "/tokenize");
        HttpResponseMessage wrong = await server.PostAsync("""{"prompt": 3}""", "/tokenize");
        HttpResponseMessage other = await server.PostAsync("""{"prompt": "a", "model": "other"}""", "/tokenize");
        Assert.Equal(404, (int)other.StatusCode);

        int[] expected = Words(server).Encode("a<|im_end|>");
        Assert.Equal(expected, Ids(tokens, "tokens"));
        Assert.Equal(expected.Length, tokens.GetProperty("count").GetInt32());
        Assert.Equal(400, (int)wrong.StatusCode);
        Assert.Matches("^[0-9]+\\.[0-9]+\\.", (await server.GetAsync("/version")).GetProperty("version").GetString());
    }

    [Theory]
    [InlineData("\"best_of\": 3", "best_of")]
    [InlineData("\"ignore_eos\": true", "ignore_eos")]
    [InlineData("\"min_tokens\": 5", "min_tokens")]
    [InlineData("\"allowed_token_ids\": [1]", "allowed_token_ids")]
    [InlineData("\"stop_token_ids\": [-1]", "stop_token_ids")]
    public async Task What_would_change_the_answer_is_not_passed_over(string field, string parameter)
    {
        await using RunningServer server = await RunningServer.StartAsync();

        HttpResponseMessage response = await server.PostAsync($$"""{"prompt": "a", {{field}}}""", "/v1/completions");
        JsonElement error = (await RunningServer.ReadAsync(response)).GetProperty("error");

        Assert.Equal((400, parameter), ((int)response.StatusCode, error.GetProperty("param").GetString()));
        Assert.Equal(200, (int)(await server.PostAsync(
            """{"prompt": "a", "max_tokens": 1, "best_of": 1, "ignore_eos": false, "min_tokens": 0}""",
            "/v1/completions")).StatusCode);
    }

    [Fact]
    public async Task A_long_list_that_is_no_prompt_is_refused_and_a_long_prompt_is_told_by_its_name()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        string ids = string.Join(',', Enumerable.Repeat("1", 400_000));

        // In a list with a list in it each index is looked for from the start.
        HttpResponseMessage mixed = await server.PostAsync($$"""{"prompt": [{{ids}},[]]}""", "/v1/completions");
        HttpResponseMessage far = await server.PostAsync($$"""{"prompt": [{{ids}}]}""", "/v1/completions");
        JsonElement error = (await RunningServer.ReadAsync(far)).GetProperty("error");

        Assert.Equal((400, 400), ((int)mixed.StatusCode, (int)far.StatusCode));
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Equal("prompt", error.GetProperty("param").GetString());
    }

    private static Tokenizer Words(RunningServer server) =>
        server.App.Services.GetRequiredService<IChatClient>().GetRequiredService<Tokenizer>();

    private static int[] Ids(JsonElement json, string name) =>
        [.. json.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

    private static string Body(string prompt, string more = "\"n\": 1") =>
        "{\"prompt\": " + prompt + ", \"temperature\": 0, \"max_tokens\": 8, " + more + "}";

    private static string TextOf(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("text").GetString()!;
}
