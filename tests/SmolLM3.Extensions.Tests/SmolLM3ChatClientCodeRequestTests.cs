using System.Text;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>Code together with what else a request may ask for.</summary>
public class SmolLM3ChatClientCodeRequestTests
{
    private const string Thought = "<think>\nHm.\n</think>\n";
    private static readonly HostedCodeInterpreterTool s_interpreter = new();

    [Fact]
    public async Task Code_comes_behind_a_thought()
    {
        ChatResponse response = await new ClientHarness(Thought + "<code>f()</code>").Ask("Go", new()
        {
            Tools = [s_interpreter],
            Reasoning = new() { Effort = ReasoningEffort.Low },
            ResponseFormat = ChatResponseFormat.Json,
        });

        Assert.Equal("Hm.", Assert.Single(response.Messages[0].Contents.OfType<TextReasoningContent>()).Text);
        Assert.Equal("f()", CodeOf(response));
    }

    [Fact]
    public async Task The_budget_of_thoughts_leaves_code_alone()
    {
        const string said = "print('<think> a b c d e f g h i j k l m n o p q r s t u v w x y z')";
        ChatResponse response = await new ClientHarness($"{Thought}<code>{said}</code>").Ask("Go", new()
        {
            Tools = [s_interpreter],
            RawRepresentationFactory = _ => new SmolLM3RequestOptions { ThinkingBudget = 8 },
        });

        Assert.Equal(said.Replace("<think>", ""), CodeOf(response));
        Assert.InRange(response.Usage!.ReasoningTokenCount!.Value, 1, 8);
    }

    [Fact]
    public async Task Hidden_thoughts_stay_with_their_code()
    {
        ClientHarness harness = new(Thought + "<code>f()</code>", "Ok.");
        ChatOptions options = new()
        {
            Tools = [s_interpreter],
            Reasoning = new() { Effort = ReasoningEffort.Low, Output = ReasoningOutput.None },
        };
        List<ChatMessage> conversation = [new(ChatRole.User, "Go")];
        conversation.AddMessages(await harness.Client.GetResponseAsync(conversation, options));
        var call = Assert.IsType<CodeInterpreterToolCallContent>(Assert.Single(
            conversation[1].Contents, content => content is not UsageContent));
        conversation.Add(new(ChatRole.Tool, [new CodeInterpreterToolResultContent(call.CallId)]));
        await harness.Client.GetResponseAsync(conversation, options);

        Assert.NotNull(GeneratedTurn.Find(conversation[1], Words));
        Assert.Contains(Thought + "<code>f()</code><|im_end|>\n<|im_start|>user\n(no output)", harness.LastPrompt);

        call.Inputs = [new TextContent("g()")];
        Assert.Null(GeneratedTurn.Find(conversation[1], Words));
    }

    [Fact]
    public async Task Code_is_the_single_call_where_one_is_allowed()
    {
        ClientHarness harness = new("<code>f()</code> and more");
        ChatResponse response =
            await harness.Ask("Go", new() { Tools = [Weather, s_interpreter], AllowMultipleToolCalls = false });

        Assert.Equal("f()", CodeOf(response));
        Assert.Empty(response.Text);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Theory]
    [InlineData("no", "no", null)]
    [InlineData("<code>f()</code>", "", "f()")]
    [InlineData("maybe <code>f()</code>", "", "f()")]
    public async Task Choices_and_patterns_leave_room_for_code(string said, string text, string? code)
    {
        SmolLM3RequestOptions[] forms = [new() { Choices = ["yes", "no"] }, new() { Regex = "yes|no" }];
        foreach (SmolLM3RequestOptions form in forms)
        {
            ChatResponse response = await new ClientHarness(said).Ask(
                "Go", new() { Tools = [s_interpreter], RawRepresentationFactory = _ => form });

            Assert.Equal(text, response.Text);
            Assert.Equal(code, code is null ? null : CodeOf(response));
        }
    }

    [Fact]
    public async Task Stop_sequences_are_looked_for_in_front_of_code_only()
    {
        ChatOptions options = new() { Tools = [s_interpreter], StopSequences = ["STOP"] };
        ChatResponse before = await new ClientHarness("a STOP <code>f()</code>").Ask("Go", options);
        ChatResponse within = await new ClientHarness("a <code>f('STOP')</code>").Ask("Go", options);

        Assert.Equal("a ", before.Text);
        Assert.Empty(before.Messages[0].Contents.OfType<CodeInterpreterToolCallContent>());
        Assert.Equal(ChatFinishReason.Stop, before.FinishReason);
        Assert.Equal("f('STOP')", CodeOf(within));
    }

    [Fact]
    public async Task No_code_calls_Python_functions_where_none_may_be_called()
    {
        ClientHarness harness = new("Hi <code>f()</code>");
        ChatResponse response = await harness.Ask("Go", Python(ChatToolMode.None, Weather));

        Assert.Contains("def get_weather", harness.LastPrompt);
        Assert.DoesNotContain("<code>", response.Text);
        Assert.Empty(response.Messages[0].Contents.OfType<CodeInterpreterToolCallContent>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_a_call_is_required_Python_functions_are_called_from_code(bool besideInterpreter)
    {
        ClientHarness harness = new("get_weather('Lyon')</code>");
        AITool[] tools = besideInterpreter ? [Weather, s_interpreter] : [Weather];
        ChatResponse response = await harness.Ask("Go", Python(ChatToolMode.RequireAny, tools));

        Assert.Equal("get_weather('Lyon')", CodeOf(response));
        Assert.Equal(2, harness.LastPrompt.Split("When you send a message containing Python code").Length);
    }

    [Fact]
    public async Task Beside_Python_functions_the_interpreter_can_be_required()
    {
        ClientHarness harness = new("f()</code>");
        ChatToolMode mode = ChatToolMode.RequireSpecific("code_interpreter");

        Assert.Equal("f()", CodeOf(await harness.Ask("Go", Python(mode, Weather, s_interpreter))));
        await Assert.ThrowsAsync<ArgumentException>(() => harness.Ask("Go", Python(mode, Weather)));
    }

    [Fact]
    public async Task Of_a_function_and_the_interpreter_with_one_name_the_interpreter_is_required()
    {
        AIFunction named = AIFunctionFactory.Create(() => 1, "code_interpreter");
        ChatResponse response = await new ClientHarness("f()</code>").Ask("Go", new()
        {
            Tools = [named, s_interpreter],
            ToolMode = ChatToolMode.RequireSpecific("code_interpreter"),
        });

        Assert.Equal("f()", CodeOf(response));
    }

    private static ChatOptions Python(ChatToolMode mode, params AITool[] tools) => new()
    {
        Tools = tools,
        ToolMode = mode,
        RawRepresentationFactory = _ => new SmolLM3RequestOptions { PythonFunctions = true },
    };

    private static string CodeOf(ChatResponse response)
    {
        CodeInterpreterToolCallContent call =
            Assert.Single(response.Messages[0].Contents.OfType<CodeInterpreterToolCallContent>());
        return Encoding.UTF8.GetString(Assert.IsType<DataContent>(Assert.Single(call.Inputs!)).Data.Span);
    }
}
