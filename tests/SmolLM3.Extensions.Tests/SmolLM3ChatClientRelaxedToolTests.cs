using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;
using static SmolLM3.Extensions.Tests.ClientHarness;

namespace SmolLM3.Extensions.Tests;

/// <summary>Calls to tools whose schemas cannot be enforced in all while the model writes: their arguments are checked
/// once they are there.</summary>
public class SmolLM3ChatClientRelaxedToolTests
{
    private const string Twice = """{"cities": ["Lyon", "Lyon"]}""";
    private const string Once = """{"cities": ["Lyon", "Nice"]}""";
    private const string Cities =
        """{"type":"object","properties":{"cities":{"type":"array","items":{"type":"string"},"uniqueItems":true}}}""";

    private const string Violation = "The arguments of the call to 'route' violate the tool's JSON schema: "
        + "/cities: must have no item twice, but items 0 and 1 are the same (#/properties/cities/uniqueItems)";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_violates_the_schema_says_so_and_runs_nothing(bool isStreaming)
    {
        int runs = 0;
        ClientHarness harness = Free(Call("route", Twice), "Sorry.");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new() { Tools = [Tool(() => runs++)] };
        ChatResponse response = isStreaming
            ? await client.GetStreamingResponseAsync("Where to?", options).ToChatResponseAsync()
            : await client.GetResponseAsync("Where to?", options);

        FunctionCallContent call =
            Assert.Single(response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>());
        Assert.Equal(0, runs);
        Assert.Equal(Violation, Assert.IsType<FormatException>(call.Exception).Message);
        Assert.Equal("""["Lyon", "Lyon"]""", call.Arguments!["cities"]!.ToString());
        Assert.Contains(Twice, call.AdditionalProperties!["raw_text"]!.ToString());
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task A_call_that_follows_it_runs()
    {
        int runs = 0;
        ClientHarness harness = Free(Call("route", Once), "Go.");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse response = await client.GetResponseAsync("Where to?", new() { Tools = [Tool(() => runs++)] });

        Assert.Equal(1, runs);
        Assert.Equal("Go.", response.Text);
        Assert.All(
            response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>(),
            call => Assert.Null(call.Exception));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Beside_a_good_call_the_model_hears_of_it_in_the_order_of_the_calls(bool isFirst)
    {
        string[] calls = [Call("route", Twice), Call("get_weather", """{"city": "Nice"}""")];
        string[] results = [$"Error: {Violation}", "Sunny in Nice"];
        ClientHarness harness = Free(string.Join('\n', isFirst ? calls : calls.Reverse()), "Sunny.");
        using IChatClient client = harness.Client.AsBuilder().UseFunctionInvocation().Build();
        ChatResponse response = await client.GetResponseAsync("Where to?", new() { Tools = [Tool(() => { }), Weather] });

        Assert.Equal("Sunny.", response.Text);
        Assert.Contains(
            "</tool_call><|im_end|>\n" + string.Concat((isFirst ? results : results.Reverse())
                .Select(result => $"<|im_start|>user\n{result}<|im_end|>\n")) + "<|im_start|>assistant",
            harness.LastPrompt);
    }

    [Fact]
    public async Task The_application_may_answer_it_and_the_model_reads_what_it_said_and_what_is_wrong()
    {
        ClientHarness harness = Free(Call("route", Twice), "Sorry.");
        ChatOptions options = new() { Tools = [Tool(() => { })] };
        List<ChatMessage> messages = [new(ChatRole.User, "Where to?")];
        messages.AddMessages(await harness.Client.GetResponseAsync(messages, options));
        FunctionCallContent call = messages[^1].Contents.OfType<FunctionCallContent>().Single();
        messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, null) { Exception = call.Exception }]));
        string told = $"{Call("route", Twice)}<|im_end|>\n<|im_start|>user\nError: {Violation}<|im_end|>";
        Assert.NotNull(GeneratedTurn.Find(messages[1], Words));
        await harness.Client.GetResponseAsync(messages, options);
        string replayed = harness.LastPrompt;

        // After it was stored it is rendered from its arguments, and looks the same.
        string json = JsonSerializer.Serialize(
            new ChatMessage(ChatRole.Assistant, messages[1].Contents), AIJsonUtilities.DefaultOptions);
        messages[1] = JsonSerializer.Deserialize<ChatMessage>(json, AIJsonUtilities.DefaultOptions)!;
        await harness.Client.GetResponseAsync(messages, options);

        Assert.Contains(told, replayed);
        Assert.Equal(replayed, harness.LastPrompt);
    }

    [Fact]
    public async Task Of_two_tools_with_one_name_either_may_be_meant()
    {
        const string counted = """{"type":"object","properties":{"cities":{"type":"integer"}}}""";
        Assert.Null(await Exception(Call("route", """{"cities": 2}"""), Cities, counted));
        Assert.Null(await Exception(Call("route", Once), counted, Cities));
        Assert.Equal(Violation, (await Exception(Call("route", Twice), Cities, counted))!.Message);
    }

    [Fact]
    public async Task A_schema_of_which_nothing_can_be_enforced_is_checked()
    {
        // It requires what it forbids: any object is taken, and none follows.
        const string impossible = """{"required":["a"],"properties":{"a":false}}""";
        Assert.Contains("/a: is not allowed", (await Exception(Call("route", """{"a": 1}"""), impossible))!.Message);
        Assert.Contains("must have the property", (await Exception(Call("route", "{}"), impossible))!.Message);
    }

    private static async Task<Exception?> Exception(string answer, params string[] schemas)
    {
        ChatResponse response = await Free(answer).Ask("Where to?", new()
        {
            Tools = [.. schemas.Select(schema => AIFunctionFactory.CreateDeclaration(
                "route", "Plans a route.", JsonElement.Parse(schema)))],
        });
        return Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>()).Exception;
    }

    private static AIFunction Tool(Action run) => new Described(AIFunctionFactory.Create(
        (string[] cities) => { run(); }, "route", "Plans a route."), JsonElement.Parse(Cities));

    private sealed class Described(AIFunction function, JsonElement schema) : DelegatingAIFunction(function)
    {
        public override JsonElement JsonSchema => schema;
    }
}
