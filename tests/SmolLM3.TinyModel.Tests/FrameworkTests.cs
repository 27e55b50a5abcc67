using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace SmolLM3.TinyModelTests;

/// <summary>What the framework asks of any client, on real weights: functions of every kind of parameter, and answers of
/// every kind of type. Whether the model means what it says is another matter.</summary>
public class FrameworkTests(TinyClient tiny) : IClassFixture<TinyClient>
{
    private static readonly string[] s_foreign =
    [
        """{"type":"object","properties":{},"additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}""",
        """{"type":"object","properties":{"seconds":{"type":"number","default":10},"steps":{"type":"number","default":5}}}""",
        """
        {"type":"object","properties":{"kind":{"type":"string","enum":["error","success"]},
        "withImage":{"type":"boolean","default":false}},"required":["kind"],"additionalProperties":false}
        """,
        """{"type":"object","properties":{"id":{"type":"number","minimum":1,"maximum":100}},"required":["id"]}""",
        """
        {"properties":{"body":{"description":"The text","type":"string"},"line":{"type":"number"},
        "side":{"enum":["LEFT","RIGHT"],"type":"string"}},"required":["body","side"],"type":"object"}
        """,
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Functions_of_any_signature_are_taken(bool isStrict)
    {
        int count = 0;
        AIFunctionFactoryOptions Named() => new()
        {
            Name = $"Method{count++}",
            AdditionalProperties = isStrict ? new Dictionary<string, object?> { ["strict"] = true } : null,
        };
        AITool[] functions =
        [
            AIFunctionFactory.Create((int? i) => i, Named()), AIFunctionFactory.Create((string? s = "x") => s, Named()),
            AIFunctionFactory.Create((bool b, char c) => b, Named()),
            AIFunctionFactory.Create((decimal d, float f) => d, Named()),
            AIFunctionFactory.Create((long l, byte b) => l, Named()), AIFunctionFactory.Create((DateTime t) => t, Named()),
            AIFunctionFactory.Create((DateTimeOffset? t) => t, Named()), AIFunctionFactory.Create((TimeSpan t) => t, Named()),
            AIFunctionFactory.Create((DateOnly d, TimeOnly t) => d, Named()),
            AIFunctionFactory.Create((Uri u, Guid g) => u, Named()), AIFunctionFactory.Create((List<int> l) => l, Named()),
            AIFunctionFactory.Create((Dictionary<string, double> d) => d, Named()),
            AIFunctionFactory.Create((int[] a, Denying? b) => a, Named()),
            AIFunctionFactory.Create((BindingFlags f = BindingFlags.IgnoreCase, char c = 'x') => f, Named()),
            AIFunctionFactory.Create((CancellationToken token) => 1, Named()),
        ];
        IEnumerable<AITool> declared = s_foreign.Select((schema, i) =>
            AIFunctionFactory.CreateDeclaration($"Foreign{i}", "", JsonElement.Parse(schema)));
        ChatOptions options = TinyClient.Greedy;
        options.MaxOutputTokens = 100;
        options.Tools = [.. functions, .. declared];
        Assert.NotEmpty((await tiny.Ask("Hello!", options)).Messages);

        // One by one each of them can be called, with arguments that bind; its result goes back to the model.
        using FunctionInvokingChatClient agent = new(new NotDisposed(tiny.Client)) { IncludeDetailedErrors = true };
        foreach (AITool function in functions)
        {
            options = TinyClient.Greedy;
            options.Tools = [function];
            options.ToolMode = ChatToolMode.RequireSpecific(function.Name);
            ChatResponse response = await agent.GetResponseAsync("What is the weather in Lisbon?", options);
            FunctionResultContent? result =
                response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().FirstOrDefault();
            Assert.True(result is not null || response.FinishReason == ChatFinishReason.Length, function.Name);

            // Where a type takes less than its schema allows, as a time of 99 hours, the model is told.
            Assert.True(result?.Exception is null or JsonException, $"{function.Name}: {result?.Exception}");
        }
    }

    [Fact]
    public async Task A_function_without_parameters_runs_and_its_result_is_told()
    {
        int runs = 0;
        AIFunction secret = AIFunctionFactory.Create(() => 41 + ++runs, "GetSecretNumber");
        using FunctionInvokingChatClient agent = new(new NotDisposed(tiny.Client));
        foreach (ChatToolMode mode in new ChatToolMode[] { ChatToolMode.RequireAny, ChatToolMode.RequireSpecific(secret.Name) })
        {
            ChatOptions options = TinyClient.Greedy;
            options.Tools = [secret];
            options.ToolMode = mode;
            ChatResponse response = await agent.GetResponseAsync("Are birds real?", options);
            FunctionResultContent result = response.Messages.SelectMany(message => message.Contents)
                .OfType<FunctionResultContent>().First();
            Assert.True(runs > 0);
            Assert.StartsWith("4", Convert.ToString(result.Result, CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public async Task Answers_of_any_type_are_typed()
    {
        await AssertTyped<long>();
        await AssertTyped<bool>();
        await AssertTyped<double>();
        await AssertTyped<string>();
        await AssertTyped<DayOfWeek>();
        await AssertTyped<Guid>();
        await AssertTyped<DateTimeOffset>();
        await AssertTyped<Annotated>();
        await AssertTyped<Annotated[]>();
    }

    [Fact]
    public async Task Without_a_schema_of_its_own_json_is_json_all_the_same()
    {
        ChatResponse<Annotated> response = await tiny.Client.GetResponseAsync<Annotated>(
            "Who are you?", TinyClient.Greedy, useJsonSchemaResponseFormat: false);
        if (response.FinishReason == ChatFinishReason.Stop)
        {
            Assert.NotEqual(JsonValueKind.Undefined, JsonElement.Parse(response.Text).ValueKind);
        }

        Assert.NotEmpty(response.Text);
    }

    private async Task AssertTyped<T>()
    {
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 300 };
        ChatResponse<T> response = await tiny.Client.GetResponseAsync<T>("What is 3 + 4?", options);
        bool isWhole = response.FinishReason == ChatFinishReason.Stop;
        Assert.True(isWhole == response.TryGetResult(out _), $"{typeof(T).Name}: {response.FinishReason} {response.Text}");
    }

    /// <summary>What may not be cannot be enforced: as an argument it is checked afterwards.</summary>
    private sealed class Denying : Annotated
    {
        [DeniedValues("abc", "def")]
        public string? Denied { get; set; }
    }

    private class Annotated
    {
        [AllowedValues("abc", "def", "default")]
        public string Allowed { get; set; } = "default";

        [Range(25, 75)]
        public int Value { get; set; }

        [EmailAddress]
        public string? Email { get; set; }

        [RegularExpression("[abc]")]
        public string? Pattern { get; set; }

        [StringLength(42)]
        public string Measured { get; set; } = "default";

        [Length(1, 2)]
        public int[]? OneOrTwo { get; set; }

        [MaxLength(3)]
        public int[]? UpToThree { get; set; }
    }
}
