using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Extensions.Constraints.Schemas;
using SmolLM3.Extensions.Constraints.Validation;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Extensions.Tests.Constraints.Schemas;

namespace SmolLM3.Extensions.Tests.Constraints;

/// <summary>Schemas made to hurt: they are refused or worked with, and take none of the others along.</summary>
public sealed class HostileSchemaTests
{
    // Remembers twenty places back: 2^20 states.
    private const string Exploding = """{"type":"string","minLength":2,"pattern":"^(a|b)*a(a|b){20}$"}""";

    public static TheoryData<string> Patterns =>
    [
        "^" + new string('.', 990) + "$",
        "^" + string.Concat(Enumerable.Repeat("a?", 490)) + "$",
        new string('(', 90) + new string(')', 90),
    ];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Long_patterns_are_worked_with(string pattern)
    {
        GrammarStore store = new(Vocabularies.Tiny);
        JsonElement schema = JsonSerializer.SerializeToElement(new { type = "string", pattern });
        CompiledGrammar grammar = store.ForForm(new AnswerForm { Schema = schema });
        Node inside = grammar.Start.Step((byte)'"').Step((byte)'a');

        Assert.True(grammar.GetMask(grammar.Start).Count > 0);
        Assert.True(inside.IsDead || grammar.GetMask(inside).Count > 0);
    }

    [Fact]
    public void A_deep_schema_and_a_large_one_are_refused()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"items\":", 55)) + "{}" + new string('}', 55);
        string deeper = """{"$defs":{"a0":{}""" + string.Concat(Enumerable.Range(1, 300).Select(
            i => $$$""","a{{{i}}}":{"type":"array","items":{"$ref":"#/$defs/a{{{i - 1}}}"}}""")) + """},"$ref":"#/$defs/a300"}""";
        Assert.True(Languages.Accepts(Languages.Compile(deep), "[[]]"));
        Assert.Contains(
            "nested deeper", Assert.Throws<NotSupportedException>(() => Languages.Compile(deeper)).Message);
        Assert.Contains("too large to be enforced", Assert.Throws<NotSupportedException>(
            () => Languages.Compile(Many(40, i => Exploding.Replace("20", $"{i + 10}", StringComparison.Ordinal)))).Message);
    }

    [Theory]
    [InlineData(9_000)]
    [InlineData(900)]
    public void A_deep_constant_is_refused(int depth)
    {
        string schema = $$"""{"const":{{new string('[', depth)}}{{new string(']', depth)}}}""";
        JsonElement deep = JsonElement.Parse(schema, new JsonDocumentOptions { MaxDepth = 20_000 });

        NotSupportedException error = Assert.Throws<NotSupportedException>(
            () => Languages.Compile(deep, new SchemaReport(SchemaMode.Strict)));
        Assert.Contains("nested deeper than 500", error.Message);
        Assert.Null(SchemaValidator.FirstViolation(deep, JsonElement.Parse("1")));
    }

    [Fact]
    public void What_is_false_takes_no_other_languages_place()
    {
        Node language = Languages.Compile(
            """
            {"properties":{"any":{"type":"array"},"none":{"items":[],"additionalItems":false},
             "least":{"$ref":"#/$defs/least"},"never":{"allOf":[{"$ref":"#/$defs/least"},false]}},
             "$defs":{"least":{"minimum":3}}}
            """);

        Assert.True(Languages.Accepts(language, """{"any": [1], "none": [], "least": 3}"""));
        Assert.False(Languages.Accepts(language, """{"none": [1]}"""));
        Assert.False(Languages.Accepts(language, """{"never": 3}"""));
    }

    [Fact]
    public void Constants_are_met_by_equal_ones_however_they_are_written()
    {
        Node language = Languages.Compile(
            """{"allOf":[{"enum":[1,{"a":1,"b":[2]},"x",3]},{"enum":[{"b":[2.0],"a":1},1.0,"y"]}]}""");

        Assert.True(Languages.Accepts(language, "1"));
        Assert.True(Languages.Accepts(language, """{"a": 1, "b": [2]}"""));
        Assert.False(Languages.Accepts(language, "\"x\""));
        Assert.False(Languages.Accepts(language, "3"));
    }

    [Fact]
    public void More_patterns_than_hold_together_are_refused_and_left_out_of_tools()
    {
        string schema = "{\"type\":\"string\",\"allOf\":["
            + string.Join(',', Enumerable.Range(0, 500).Select(i => $$"""{"pattern":"^(x|a{{i}})"}""")) + "]}";
        SchemaReport report = new(SchemaMode.BestEffort);
        Languages.Compile(JsonElement.Parse(schema), report);

        Assert.Contains("too many", Assert.Throws<NotSupportedException>(() => Languages.Compile(schema)).Message);
        Assert.NotEmpty(report.Relaxed);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        foreach (string schema in (string[])[
            """{"properties":{"\ud800":{}}}""", """{"required":["\ud800"]}""", """{"pattern":"\ud800"}"""])
        {
            Assert.Throws<NotSupportedException>(() => Languages.Compile(schema));
        }
    }

    [Fact]
    public void A_tool_that_is_too_much_takes_any_object_and_leaves_the_others_alone()
    {
        GrammarStore store = new(Vocabularies.Tiny);
        string hostile = Many(16, i => Exploding.Replace("20", $"{i + 12}", StringComparison.Ordinal));
        ToolGrammar tools = store.ForTools([Tool("bad", hostile), Tool("good", """{"properties":{"n":{"type":"integer"}}}""")]);

        Assert.Contains("bad", tools.Relaxed.Select(relaxed => relaxed.Tool));
        Assert.DoesNotContain("good", tools.Relaxed.Select(relaxed => relaxed.Tool));
        Assert.True(Languages.Accepts(tools.Grammar.Start, "\n{\"name\": \"good\", \"arguments\": {\"n\": 1}}\n"));
        Assert.False(Languages.Accepts(tools.Grammar.Start, "\n{\"name\": \"good\", \"arguments\": {\"n\": \"\"}}\n"));
        Assert.True(Languages.Accepts(tools.Grammar.Start, "\n{\"name\": \"bad\", \"arguments\": {\"x\": 1}}\n"));
    }

    [Theory]
    [InlineData(""","additionalProperties":true""")]
    [InlineData(""","minProperties":1""")]
    [InlineData("")]
    public void A_wide_object_stays_small(string more)
    {
        string wide = Many(200, _ => """{"type":"string"}""");
        Grammar grammar = new();
        SchemaCompiler.Compile(
            grammar,
            new JsonLanguage(grammar),
            JsonElement.Parse(wide[..^1] + more + "}"),
            new SchemaReport(SchemaMode.Strict));

        Assert.InRange(grammar.Count, 400, 10_000);
    }

    private static JsonElement Tool(string name, string parameters) =>
        JsonElement.Parse($$"""{"name":"{{name}}","description":"","parameters":{{parameters}}}""");

    private static string Many(int count, Func<int, string> property) => """{"type":"object","properties":{"""
        + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"property_{i}\":{property(i)}")) + "}}";
}
