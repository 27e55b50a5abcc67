using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>Tool calls in answers, and how requests steer them.</summary>
public class SmolLM3ChatClientToolTests
{
    [Fact]
    public async Task A_call_becomes_whole_content_with_an_id_of_its_own()
    {
        ClientHarness harness = Free(
            "I look.\n" + Call("get_weather", """{"city": "Lyon", "days": 2}""") + "\n"
            + Call("get_weather", """{"city": "Nice"}"""));
        List<ChatResponseUpdate> updates = await harness.StreamAll("Weather?", new() { Tools = [Weather] });
        FunctionCallContent[] calls = [.. updates.SelectMany(u => u.Contents).OfType<FunctionCallContent>()];

        Assert.Equal(2, calls.Length);
        Assert.All(calls, call => Assert.Equal("get_weather", call.Name));
        Assert.Equal("Lyon", calls[0].Arguments!["city"]!.ToString());
        Assert.Equal("2", calls[0].Arguments!["days"]!.ToString());
        Assert.NotEqual(calls[0].CallId, calls[1].CallId);
        Assert.Null(calls[0].Exception);
        Assert.Equal(ChatFinishReason.ToolCalls, updates[^1].FinishReason);
        Assert.Equal("I look.", string.Concat(updates.Select(u => u.Text)));
    }

    [Fact]
    public async Task Tools_are_described_in_the_model_cards_shape()
    {
        ClientHarness harness = new("Hi");
        await harness.Ask("Hello", new() { Tools = [Weather.AsDeclarationOnly(), new HostedWebSearchTool()] });

        Assert.Contains(
            "{'name': 'get_weather', 'description': 'Gets the weather.', 'parameters': {'type': 'object'",
            harness.LastPrompt);
        Assert.DoesNotContain("web_search", harness.LastPrompt);
        Assert.Contains(harness.Logs.Entries, entry => entry.Message.Contains("web_search"));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(999, true)]
    [InlineData(1000, false)]
    public async Task A_schema_may_be_nested_deep(int depth, bool isAllowed)
    {
        string schema = "{}";
        for (int i = 1; i < depth; i++)
        {
            schema = "{\"items\":" + schema + "}";
        }

        JsonElement parsed = JsonElement.Parse(schema, new JsonDocumentOptions { MaxDepth = depth });
        ClientHarness harness = new("Hi") { ContextLength = 16_384 };
        Func<Task> ask = () =>
            harness.Ask("Hello", new() { Tools = [AIFunctionFactory.CreateDeclaration("t", "", parsed)] });
        if (isAllowed)
        {
            await ask();
            Assert.Contains("{'items': {'items': ", harness.LastPrompt);
        }
        else
        {
            Assert.Contains("'t'", (await Assert.ThrowsAsync<ArgumentException>(ask)).Message);
        }
    }

    [Fact]
    public async Task A_call_that_cannot_be_read_keeps_its_text()
    {
        const string broken = """{"name": "get_weather", "arguments": {"city": }}""";
        ClientHarness harness = Free($"<tool_call>\n{broken}\n</tool_call>");
        ChatResponse response = await harness.Ask("Weather?", new() { Tools = [Weather] });

        FunctionCallContent call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.NotNull(call.Exception);
        Assert.Null(call.Arguments);
        Assert.Equal("get_weather", call.Name);
        Assert.Equal(broken, call.AdditionalProperties!["raw_text"]!.ToString()!.Trim());
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_could_not_be_read_is_repeated_as_it_was_written(bool stored)
    {
        const string broken = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": }}\n</tool_call>";
        ClientHarness harness = Free(broken);
        ChatMessage answer = (await harness.Ask("Weather?", new() { Tools = [Weather] })).Messages[0];

        // Neither has what the model generated, token for token.
        answer = new(ChatRole.Assistant, answer.Contents);
        if (stored)
        {
            string json = JsonSerializer.Serialize(answer, AIJsonUtilities.DefaultOptions);
            answer = JsonSerializer.Deserialize<ChatMessage>(json, AIJsonUtilities.DefaultOptions)!;
        }

        await harness.Client.GetResponseAsync([new(ChatRole.User, "Weather?"), answer]);
        Assert.Contains($"{broken}<|im_end|>", harness.LastPrompt);
    }

    [Fact]
    public async Task A_call_cut_off_by_the_token_limit_is_an_error_with_its_text()
    {
        ClientHarness harness = new(Call("get_weather", """{"city": "Lyon"}"""));
        ChatResponse response = await harness.Ask("Weather?", new() { Tools = [Weather], MaxOutputTokens = 8 });

        ErrorContent error = Assert.Single(response.Messages[0].Contents.OfType<ErrorContent>());
        Assert.Equal("incomplete_tool_call", error.ErrorCode);
        Assert.Contains("Allow more output tokens", error.Message);
        Assert.Contains("\"name\"", error.Details);
        Assert.Empty(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    [Fact]
    public async Task Without_tools_the_call_token_is_banned()
    {
        ClientHarness harness = new("<tool_call>Hello");
        Assert.Equal("Hello", (await harness.Ask("Hi")).Text);
    }

    [Fact]
    public async Task Tool_mode_none_describes_tools_but_bans_calls()
    {
        ClientHarness harness = new("<tool_call>Hello");
        ChatResponse response = await harness.Ask("Hi", new() { Tools = [Weather], ToolMode = ChatToolMode.None });

        Assert.Equal("Hello", response.Text);
        Assert.Contains("get_weather", harness.LastPrompt);
    }

    [Theory]
    [InlineData("get_time")]
    public async Task A_required_tool_is_called_whatever_the_model_would_say(string tool)
    {
        ClientHarness harness = new("zoo \"Lyon\"}}\n</tool_call>");
        ChatResponse response = await harness.Ask(
            "Hi", new() { Tools = [Weather, Clock], ToolMode = ChatToolMode.RequireSpecific(tool) });

        FunctionCallContent call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal(tool, call.Name);
        Assert.Equal("Lyon", call.Arguments!["city"]!.ToString());
    }

    [Fact]
    public async Task Any_call_can_be_required_and_with_one_tool_it_is_that_one()
    {
        // Where the names part, the script's first tokens name no tool.
        ClientHarness any = new(" zoo" + Call("get_time", """{"city": "Lyon"}"""));
        ChatResponse free = await any.Ask("Hi", new() { Tools = [Weather, Clock], ToolMode = ChatToolMode.RequireAny });
        ClientHarness one = new(Call("get_weather", """{"city": "Lyon"}"""));
        ChatResponse only = await one.Ask("Hi", new() { Tools = [Weather], ToolMode = ChatToolMode.RequireAny });

        Assert.Equal("get_time", Assert.Single(free.Messages[0].Contents.OfType<FunctionCallContent>()).Name);
        Assert.Equal("get_weather", Assert.Single(only.Messages[0].Contents.OfType<FunctionCallContent>()).Name);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("get_time")]
    public async Task An_answer_does_not_end_before_its_required_call(string? tool)
    {
        ClientHarness harness = new("")
        {
            Script = (_, _) => Words.Encode(
                "\nHm.<|im_end|>\n</think><|im_end|> \"<|im_end|>Lyon<|im_end|>\"}}\n</tool_call><|im_end|>",
                SpecialTokens.All),
        };
        ChatResponse response = await harness.Ask("Hi", new()
        {
            Tools = tool is null ? [Clock] : [Weather, Clock],
            ToolMode = tool is null ? ChatToolMode.RequireAny : ChatToolMode.RequireSpecific(tool),
            Reasoning = new() { Effort = ReasoningEffort.Low },
        });

        FunctionCallContent call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal("get_time", call.Name);
        Assert.Equal("Lyon", call.Arguments!["city"]!.ToString());
        Assert.Equal("Hm.", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);
    }

    [Fact]
    public async Task A_required_call_waits_for_the_thought()
    {
        ClientHarness harness = new("\nI need the time.\n</think>\n" + Call("get_time", """{"city": "Lyon"}"""));
        ChatResponse response = await harness.Ask("Hi", new()
        {
            Tools = [Clock],
            ToolMode = ChatToolMode.RequireAny,
            Reasoning = new() { Effort = ReasoningEffort.Low },
        });

        Assert.Equal("I need the time.", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);
        Assert.Equal("get_time", Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>()).Name);
    }

    [Fact]
    public async Task A_tool_that_is_not_there_cannot_be_required()
    {
        ClientHarness harness = new("Hi");
        ArgumentException unknown = await Assert.ThrowsAsync<ArgumentException>(() => harness.Ask(
            "Hi", new() { Tools = [Weather], ToolMode = ChatToolMode.RequireSpecific("get_tide") }));
        Assert.Contains("get_tide", unknown.Message);
        Assert.Contains("get_weather", unknown.Message);
        await Assert.ThrowsAsync<ArgumentException>(
            () => harness.Ask("Hi", new() { ToolMode = ChatToolMode.RequireAny }));
    }

    [Fact]
    public async Task One_call_is_enough_where_several_are_not_allowed()
    {
        ClientHarness harness =
            new(Call("get_weather", """{"city": "Lyon"}""") + "\n" + Call("get_weather", """{"city": "Nice"}"""));
        ChatResponse response =
            await harness.Ask("Weather?", new() { Tools = [Weather], AllowMultipleToolCalls = false });

        Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal(0, harness.Generator.Running);
        Assert.NotNull(GeneratedTurn.Find(response.Messages[0], Words));
    }

    [Fact]
    public async Task The_only_allowed_call_is_no_cut_answer_though_it_took_the_last_token()
    {
        string call = Call("get_weather", """{"city": "Lyon"}""");
        ChatOptions options = new()
        {
            Tools = [Weather],
            AllowMultipleToolCalls = false,
            MaxOutputTokens = Words.Encode(call, SpecialTokens.All).Length,
        };
        ChatResponse response = await new ClientHarness(call).Ask("Weather?", options);

        Assert.Equal<long?>(options.MaxOutputTokens, response.Usage!.OutputTokenCount);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        options.AllowMultipleToolCalls = null;
        Assert.Equal(
            ChatFinishReason.Length, (await new ClientHarness(call).Ask("Weather?", options)).FinishReason);
    }

    [Fact]
    public async Task A_second_call_that_ends_the_only_allowed_one_leaves_no_trace()
    {
        const string first = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Lyon\"}}\n";
        ClientHarness harness = Free(first + Call("get_weather", """{"city": "Nice"}"""));
        ChatResponse response =
            await harness.Ask("Weather?", new() { Tools = [Weather], AllowMultipleToolCalls = false });

        FunctionCallContent call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal("Lyon", call.Arguments!["city"]!.ToString());
        GeneratedTurn turn = GeneratedTurn.Find(response.Messages[0], Words)!;
        Assert.Equal(first + "</tool_call>", Words.Decode([.. turn.Tokens]));
    }
}
