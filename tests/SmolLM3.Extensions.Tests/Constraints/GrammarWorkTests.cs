using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Constraints.Schemas;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Extensions.Tests.Constraints.Schemas;

namespace SmolLM3.Extensions.Tests.Constraints;

/// <summary>Compiling ends: at a bound of work, or when nobody waits any longer.</summary>
public sealed class GrammarWorkTests
{
    // 60 choices of 60 each: more than can be gone over.
    private static readonly string s_choices =
        AllOf(60, group => $$"""{"anyOf":[{{Many(60, i => Named(1, $"g{group}_", _ => $$"""{"const":{{i}}}"""))}}]}""");

    public static TheoryData<string> Endless =>
    [
        s_choices,

        // Each multiplies the states of those before it.
        AllOf(90, i => $$"""{"type":"string","pattern":"(a|b){{{i}}}c.*d{{i}}"}"""),

        // Every schema is looked at for every name.
        AllOf(1_900, i => Named(1, $"p{i}_", _ => "{}")),

        // Each array holds the one before it, with other places.
        Named(900, "a", i => $$"""{"type":"array","prefixItems":[{{Many(900, _ => "{}")}}],"items":{"maxLength":{{i}} } }"""),
    ];

    [Theory]
    [MemberData(nameof(Endless))]
    public void A_schema_of_endless_work_is_refused_within_the_bounds(string schema)
    {
        Grammar grammar = new();
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => Compile(grammar, schema));

        Assert.Contains("smaller", error.Message);

        // The last piece of work may go over it.
        Assert.InRange(grammar.Work.Spent, 1, 2 * GrammarWork.DefaultMost);
        Assert.InRange(grammar.Count, 1, Grammar.DefaultMostNodes);
    }

    [Fact]
    public void The_bound_is_one_of_work_where_nodes_are_few()
    {
        Grammar grammar = new();
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => Compile(grammar, s_choices));

        Assert.IsType<GrammarTooComplexException>(error.InnerException);
        Assert.True(grammar.Work.Spent > GrammarWork.DefaultMost);
    }

    [Fact]
    public void A_tool_of_endless_work_takes_any_object_and_the_next_ones_are_held_to()
    {
        GrammarStore store = new(Vocabularies.Tiny);
        ToolGrammar tools = store.ForTools(
        [
            Tool("endless", s_choices), Tool("more", s_choices), Tool("most", s_choices),
            Tool("usual", """{"properties":{"n":{"type":"integer"}}}"""),
        ]);

        Assert.True(Accepts(tools, "endless", """{"any": 1}"""));
        Assert.True(Accepts(tools, "most", """{"any": 1}"""));
        Assert.True(Accepts(tools, "usual", """{"n": 1}"""));
        Assert.Contains("endless", tools.Relaxed.Select(tool => tool.Tool));
    }

    [Fact]
    public void The_longest_list_of_properties_fits()
    {
        Grammar grammar = new();
        Compile(grammar, Named(2_000, "property_", _ => """{"type":"string"}"""));

        Assert.InRange(grammar.Work.Spent, 1, GrammarWork.DefaultMost / 2);
    }

    [Fact]
    public async Task Compiling_ends_when_it_is_cancelled()
    {
        // It would go on for good: no bound of its own ends it.
        using CancellationTokenSource source = new();
        Grammar grammar = new() { MostNodes = int.MaxValue, Work = new(source.Token) };
        grammar.Work.Allow(long.MaxValue / 2);
        Task compiling = Task.Run(() => Compile(grammar, s_choices), TestContext.Current.CancellationToken);
        while (grammar.Work.Spent == 0)
        {
            await Task.Yield();
        }

        await source.CancelAsync();
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => compiling);
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public void What_was_cancelled_is_compiled_by_the_next_request()
    {
        GrammarStore store = new(Vocabularies.Tiny);
        AnswerForm form = new() { Schema = JsonElement.Parse("""{"type":"integer"}""") };
        CancellationToken cancelled = new(canceled: true);
        JsonElement tool = Tool("usual", "{}");

        Assert.ThrowsAny<OperationCanceledException>(() => store.ForForm(form, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => store.ForTools([tool], cancelled));
        Assert.True(Fits(store.ForForm(form, default).Start, "12"));
        Assert.True(Accepts(store.ForTools([tool], default), "usual", "{}"));

        // What is there already costs nothing.
        Assert.True(Fits(store.ForForm(form, cancelled).Start, "12"));
    }

    [Fact]
    public async Task A_request_that_is_cancelled_while_it_is_prepared_is_never_generated()
    {
        ClientHarness harness = new("{}");
        using CancellationTokenSource source = new();
        ChatMessage[] messages =
        [
            new(ChatRole.User, "Hi"),
            new(ChatRole.Assistant, [new FunctionCallContent("1", "get")]),
            new(ChatRole.Tool, [new FunctionResultContent("1", new Cancelling(source))]),
        ];
        ChatOptions options = new() { ResponseFormat = ChatResponseFormat.Json };
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => harness.Client.GetResponseAsync(messages, options, source.Token));

        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Equal(1, harness.Loads);
        Assert.Empty(harness.Generator.Requests);
    }

    [Fact]
    public void Large_grammars_leave_when_others_come()
    {
        GrammarStore store = new(Vocabularies.Tiny);
        AnswerForm[] forms = [.. Enumerable.Range(0, 20).Select(form => new AnswerForm
        {
            Schema = JsonElement.Parse(Named(1_990, $"form_{form}_", _ => """{"type":"string"}""")),
        })];
        CompiledGrammar first = store.ForForm(forms[0]);
        Assert.Same(first, store.ForForm(forms[0]));
        Assert.True(first.Work * forms.Length > 4 * GrammarWork.DefaultMost);
        foreach (AnswerForm form in forms)
        {
            store.ForForm(form);
        }

        Assert.NotSame(first, store.ForForm(forms[0]));
    }

    // Results are written to the prompt when the model is there, before schemas are compiled.
    private sealed class Cancelling(CancellationTokenSource source)
    {
        public bool IsCancelled
        {
            get
            {
                source.Cancel();
                return true;
            }
        }
    }

    private static Node Compile(Grammar grammar, string schema) => SchemaCompiler.Compile(
        grammar, new JsonLanguage(grammar), JsonElement.Parse(schema), new SchemaReport(SchemaMode.Strict));

    private static bool Accepts(ToolGrammar tools, string name, string arguments) => Fits(
        tools.Grammar.Start, $"\n{{\"name\": \"{name}\", \"arguments\": {arguments}}}\n");

    private static bool Fits(Node start, string text) => Languages.Accepts(start, text);

    private static JsonElement Tool(string name, string parameters) =>
        JsonElement.Parse($$"""{"name":"{{name}}","description":"","parameters":{{parameters}}}""");

    private static string AllOf(int count, Func<int, string> schema) => $$"""{"allOf":[{{Many(count, schema)}}]}""";

    private static string Named(int count, string name, Func<int, string> schema) =>
        $$"""{"properties":{ {{Many(count, i => $"\"{name}{i}\":{schema(i)}")}} } }""";

    private static string Many(int count, Func<int, string> item) =>
        string.Join(',', Enumerable.Range(0, count).Select(item));
}
