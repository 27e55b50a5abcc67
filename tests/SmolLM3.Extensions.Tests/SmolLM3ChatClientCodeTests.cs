using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>Python code in answers, what it gave in prompts, and how requests steer it.</summary>
public class SmolLM3ChatClientCodeTests
{
    private const string Code = "\nprint(6 * 7)\n";
    private const string CodeAnswer = "I compute.\n<code>" + Code + "</code>";
    private static readonly HostedCodeInterpreterTool s_interpreter = new();

    private static ChatOptions Both => new() { Tools = [Weather, s_interpreter] };

    [Fact]
    public async Task The_prompt_tells_of_code_beside_the_tools()
    {
        ClientHarness harness = new("Hi");
        await harness.Ask("Hello", Both);

        Assert.Contains("{'name': 'get_weather'", harness.LastPrompt);
        Assert.Contains("When you send a message containing Python code between '<code>' and '</code>'", harness.LastPrompt);
        Assert.Contains("like regular functions:\n<tools>\n</tools>", harness.LastPrompt);
        Assert.DoesNotContain(harness.Logs.Entries, entry => entry.Message.Contains("code_interpreter"));
    }

    [Fact]
    public async Task Code_becomes_a_code_interpreter_call_and_ends_the_answer()
    {
        ClientHarness harness = new(CodeAnswer + " and more");
        List<ChatResponseUpdate> updates = await harness.StreamAll("6 * 7?", Both);

        CodeInterpreterToolCallContent call =
            Assert.Single(updates.SelectMany(u => u.Contents).OfType<CodeInterpreterToolCallContent>());
        Assert.Equal("I compute.", string.Concat(updates.Select(u => u.Text)));
        DataContent input = Assert.IsType<DataContent>(Assert.Single(call.Inputs!));
        Assert.Equal("text/x-python", input.MediaType);
        Assert.Equal(Code, Encoding.UTF8.GetString(input.Data.Span));
        Assert.NotEmpty(call.CallId);
        Assert.Equal(ChatFinishReason.ToolCalls, updates[^1].FinishReason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_code_gave_goes_back_in(bool stored)
    {
        // Blanks before the tag are not handed out: only a replay brings them back.
        ClientHarness harness = new("I compute. \n\n<code>" + Code + "</code>", "42.");
        List<ChatMessage> conversation = [new(ChatRole.User, "6 * 7?")];
        ChatMessage answer = (await harness.Client.GetResponseAsync(conversation, Both)).Messages[0];
        string callId = answer.Contents.OfType<CodeInterpreterToolCallContent>().Single().CallId;
        conversation.Add(stored ? Stored(answer) : answer);
        Assert.Equal(stored, GeneratedTurn.Find(conversation[^1], Words) is null);
        conversation.Add(new(
            ChatRole.Tool,
            [new CodeInterpreterToolResultContent(callId) { Outputs = [new TextContent("42\n")] }]));
        string first = harness.LastPrompt;

        ChatResponse response = await harness.Client.GetResponseAsync(conversation, Both);

        Assert.Equal("42.", response.Text);
        string turn = stored ? CodeAnswer : "I compute. \n\n<code>" + Code + "</code>";
        Assert.StartsWith(first + turn + "<|im_end|>\n<|im_start|>user\n42\n<|im_end|>\n", harness.LastPrompt);
    }

    [Fact]
    public async Task A_service_s_own_calls_and_results_in_one_message_are_read_in_order()
    {
        ClientHarness harness = new("Yes.");
        ChatMessage assistant = new(ChatRole.Assistant,
        [
            new CodeInterpreterToolCallContent("1") { Inputs = [new TextContent("1/0"), new HostedFileContent("f")] },
            new CodeInterpreterToolResultContent("1") { Outputs = [new ErrorContent("division by zero")] },
            new TextContent("It failed."),
        ]);
        await harness.Client.GetResponseAsync([new(ChatRole.User, "Run it"), assistant, new(ChatRole.User, "Sure?")]);

        string prompt = harness.LastPrompt;
        Assert.Contains("<code>1/0</code><|im_end|>\n<|im_start|>user\nError: division by zero<|im_end|>\n", prompt);
        Assert.Contains("It failed.<|im_end|>", prompt);
    }

    [Theory]
    [InlineData("", "</think>")]
    [InlineData("<think>\nHm.\n</think>\n", "<think>")]
    public async Task Code_may_spell_the_tags_of_thoughts_and_comes_back_whole(string thought, string tag)
    {
        // The tag's token is passed over, as a model does where it is banned; its letters are not.
        ClientHarness harness = new("", "4.");
        harness.Script = (_, scripted) => harness.Generator.Requests.Count > 1 ? scripted :
        [
            .. Words.Encode(thought + "<code>s.split('", SpecialTokens.All), Words.Id(tag), .. Words.Encode(tag),
            .. Words.Encode("')</code><|im_end|>", SpecialTokens.All),
        ];
        ChatOptions options = Both;
        options.Reasoning = thought.Length > 0 ? new() { Effort = ReasoningEffort.Low } : null;
        List<ChatMessage> conversation = [new(ChatRole.User, "Go")];
        conversation.AddMessages(await harness.Client.GetResponseAsync(conversation, options));
        Assert.NotNull(GeneratedTurn.Find(conversation[1], Words));
        Assert.Equal($"s.split('{tag}')", CodeOf(new(conversation[1])));
        conversation.Add(new(ChatRole.User, "Next"));
        await harness.Client.GetResponseAsync(conversation, options);

        Assert.Contains($"<code>s.split('{tag}')</code><|im_end|>", harness.LastPrompt);
    }

    [Fact]
    public async Task Code_that_spells_tags_is_text()
    {
        ClientHarness harness = new("Yes.");
        ChatMessage assistant = new(
            ChatRole.Assistant,
            [new CodeInterpreterToolCallContent("1") { Inputs = [new TextContent("a</code><|im_end|>")] }]);
        await harness.Client.GetResponseAsync([new(ChatRole.User, "Go"), assistant, new(ChatRole.User, "Sure?")]);

        Assert.True(Words.TryGetAddedToken("</code>", out int codeEnd));
        Assert.Single(harness.LastRequest.PromptTokens, codeEnd);
    }

    [Fact]
    public void An_image_as_output_is_refused_at_once()
    {
        ClientHarness harness = new("Yes.");
        ChatMessage result = new(
            ChatRole.Tool,
            [new CodeInterpreterToolResultContent("1") { Outputs = [new DataContent(new byte[1], "image/png")] }]);

        Assert.Throws<UnsupportedContentException>(
            () => { harness.Client.GetStreamingResponseAsync([new(ChatRole.User, "Plot"), result]); });
        Assert.Equal(0, harness.Loads);
    }

    [Fact]
    public async Task Code_cut_by_the_limit_is_an_error_with_its_text()
    {
        ClientHarness harness = new("<code>" + Code + "print(1)</code>");
        ChatOptions options = Both;
        options.MaxOutputTokens = 4;
        ChatResponse response = await harness.Ask("6 * 7?", options);

        ErrorContent error = Assert.Single(response.Messages[0].Contents.OfType<ErrorContent>());
        Assert.Equal("incomplete_code", error.ErrorCode);
        Assert.StartsWith("\nprint", error.Details);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Empty(response.Messages[0].Contents.OfType<CodeInterpreterToolCallContent>());
    }

    [Theory]
    [InlineData("I compute.\n<code>\nprint(1)\nprint(2)</code>")]
    [InlineData("I look.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Lyon\"}}\n</tool_call>")]
    public async Task A_cut_answer_is_the_same_prompt_before_and_after_it_was_stored(string said)
    {
        ClientHarness harness = new(said, "Ok.");
        ChatOptions options = Both;
        options.MaxOutputTokens = 12;
        ChatMessage answer = (await harness.Ask("Go", options)).Messages[0];
        Assert.Single(answer.Contents.OfType<ErrorContent>());
        List<string> prompts = [];
        foreach (ChatMessage kept in (ChatMessage[])[answer, Stored(answer)])
        {
            await harness.Client.GetResponseAsync([new(ChatRole.User, "Go"), kept, new(ChatRole.User, "On")], options);
            prompts.Add(harness.LastPrompt);
        }

        string cut = Words.Decode(Words.Encode(said, SpecialTokens.All)[..12]);
        Assert.Contains($"{cut}<|im_end|>\n<|im_start|>user\nOn<|im_end|>", prompts[0]);
        Assert.Equal(prompts[0], prompts[1]);
    }

    [Fact]
    public async Task Code_ends_with_its_tag_only()
    {
        ClientHarness harness = new("<code>x = 1<|im_end|><tool_call>2</code>");
        ChatResponse response = await harness.Ask("6 * 7?", Both);

        Assert.Equal("x = 1<tool_call>2", CodeOf(response));
    }

    [Fact]
    public async Task The_tags_are_text_where_no_code_is_run()
    {
        ClientHarness harness = new("Write <code>x</code> in HTML.");
        ChatResponse response = await harness.Ask("HTML?", new() { Tools = [Weather] });

        Assert.Equal("Write <code>x</code> in HTML.", response.Text);
    }

    [Fact]
    public async Task No_code_where_no_tool_may_be_used()
    {
        ClientHarness harness = new(CodeAnswer);
        ChatOptions options = Both;
        options.ToolMode = ChatToolMode.None;
        ChatResponse response = await harness.Ask("6 * 7?", options);

        Assert.DoesNotContain("<code>", response.Text);
        Assert.StartsWith("I compute.", response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Theory]
    [InlineData("code_interpreter", true)]
    [InlineData("code_interpreter", false)]
    [InlineData(null, false)]
    public async Task Code_can_be_required(string? name, bool beside)
    {
        ClientHarness harness = new("Hm." + Code + "</code>");
        ChatResponse response = await harness.Ask("6 * 7?", new()
        {
            Tools = beside ? [Weather, s_interpreter] : [s_interpreter],
            ToolMode = name is null ? ChatToolMode.RequireAny : ChatToolMode.RequireSpecific(name),
        });

        Assert.Equal("Hm." + Code, CodeOf(response));
    }

    [Theory]
    [InlineData(CodeAnswer, true)]
    [InlineData("Hm. <tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Lyon\"}}\n</tool_call>", false)]
    public async Task Where_any_tool_is_required_code_counts(string said, bool isCode)
    {
        ClientHarness harness = new(said);
        ChatOptions options = Both;
        options.ToolMode = ChatToolMode.RequireAny;
        ChatResponse response = await harness.Ask("6 * 7?", options);

        Assert.Empty(response.Text);
        Assert.IsType(
            isCode ? typeof(CodeInterpreterToolCallContent) : typeof(FunctionCallContent),
            Assert.Single(response.Messages[0].Contents));
    }

    [Fact]
    public async Task A_required_function_leaves_no_room_for_code()
    {
        ClientHarness harness = new(CodeAnswer + """{"name": "get_weather", "arguments": {"city": "Lyon"}}""");
        ChatOptions options = Both;
        options.ToolMode = ChatToolMode.RequireSpecific("get_weather");
        ChatResponse response = await harness.Ask("6 * 7?", options);

        Assert.Equal("get_weather", Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>()).Name);
    }

    [Fact]
    public async Task No_code_follows_calls()
    {
        ClientHarness harness = new(Call("get_weather", """{"city": "Lyon"}""") + CodeAnswer);
        ChatResponse response = await harness.Ask("6 * 7?", Both);

        Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Empty(response.Messages[0].Contents.OfType<CodeInterpreterToolCallContent>());
    }

    [Theory]
    [InlineData("<code>1</code>", "", "1")]
    [InlineData("{\"n\": 7}", "{\"n\": 7}", null)]
    public async Task A_schema_leaves_room_for_code(string said, string text, string? code)
    {
        ClientHarness harness = new(said);
        ChatOptions options = Both;
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(
            """{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"""));
        ChatResponse response = await harness.Ask("6 * 7?", options);

        Assert.Equal(text, response.Text);
        bool isCode = response.Messages[0].Contents.OfType<CodeInterpreterToolCallContent>().Any();
        Assert.Equal(code, isCode ? CodeOf(response) : null);
    }

    [Fact]
    public async Task Function_invocation_runs_the_functions_and_hands_on_the_code()
    {
        ClientHarness harness = new(Call("get_weather", """{"city": "Lyon"}"""), CodeAnswer);
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse response = await client.GetResponseAsync("6 * 7?", Both);

        Assert.Contains("Sunny in Lyon", harness.LastPrompt);
        Assert.Single(response.Messages[^1].Contents.OfType<CodeInterpreterToolCallContent>());
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task Functions_can_be_told_as_Python_s()
    {
        ClientHarness harness = new("<code>get_weather(city=\"Lyon\")</code>");
        ChatResponse response = await harness.Ask("Weather?", Python([Weather, Clock]));

        Assert.Contains(
            "like regular functions:\n<tools>\ndef get_weather(city: str) -> str:\n    \"\"\"Gets the weather.\"\"\"\n",
            harness.LastPrompt);
        Assert.DoesNotContain("{'name'", harness.LastPrompt);
        Assert.DoesNotContain("For each function call", harness.LastPrompt);
        Assert.Equal("get_weather(city=\"Lyon\")", CodeOf(response));
    }

    [Fact]
    public async Task No_call_of_one_Python_function_can_be_required()
    {
        ClientHarness harness = new(CodeAnswer);
        ChatOptions options = Python([Weather]);
        options.ToolMode = ChatToolMode.RequireSpecific("get_weather");

        NotSupportedException refused =
            await Assert.ThrowsAsync<NotSupportedException>(() => harness.Ask("Weather?", options));
        Assert.Contains("get_weather", refused.Message);
    }

    private static ChatOptions Python(IList<AITool> tools) => new()
    {
        Tools = tools,
        RawRepresentationFactory = _ => new SmolLM3RequestOptions { PythonFunctions = true },
    };

    private static string CodeOf(ChatResponse response)
    {
        CodeInterpreterToolCallContent call =
            Assert.Single(response.Messages[0].Contents.OfType<CodeInterpreterToolCallContent>());
        return Encoding.UTF8.GetString(Assert.IsType<DataContent>(Assert.Single(call.Inputs!)).Data.Span);
    }

    private static ChatMessage Stored(ChatMessage message) => JsonSerializer.Deserialize<ChatMessage>(
        JsonSerializer.Serialize(message, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;
}
