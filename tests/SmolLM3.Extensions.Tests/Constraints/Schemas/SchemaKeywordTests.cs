using System.Text.Json;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Schemas;

namespace SmolLM3.Extensions.Tests.Constraints.Schemas;

/// <summary>The tables of keywords: <c>keywords.json</c>, <c>unsupported.json</c>.</summary>
public sealed class SchemaKeywordTests
{
    public static TheoryData<int, string> Supported => Rows("keywords.json");

    public static TheoryData<int, string> Unsupported => Rows("unsupported.json");

    [Theory]
    [MemberData(nameof(Supported))]
    public void Texts_are_accepted_and_rejected(int row, string keyword)
    {
        JsonElement example = Row("keywords.json", row);
        Node language = Languages.Compile(example.GetProperty("schema"), new SchemaReport(SchemaMode.Strict));

        Assert.Equal(keyword, example.GetProperty("keyword").GetString());
        Assert.All(Texts(example, "accept"), text => Assert.True(Languages.Accepts(language, text), text));
        Assert.All(Texts(example, "reject"), text => Assert.False(Languages.Accepts(language, text), text));
    }

    [Theory]
    [MemberData(nameof(Supported))]
    public void Nothing_is_left_out_in_either_mode(int row, string keyword)
    {
        SchemaReport report = new(SchemaMode.BestEffort);
        JsonElement example = Row("keywords.json", row);
        Languages.Compile(example.GetProperty("schema"), report);

        Assert.Equal(keyword, example.GetProperty("keyword").GetString());
        Assert.Empty(report.Relaxed);
    }

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void What_cannot_be_enforced_is_refused_or_told(int row, string keyword)
    {
        JsonElement example = Row("unsupported.json", row), schema = example.GetProperty("schema");
        string pointer = example.GetProperty("pointer").GetString()!;
        SchemaReport report = new(SchemaMode.BestEffort);

        var refused = Assert.Throws<NotSupportedException>(
            () => Languages.Compile(schema, new SchemaReport(SchemaMode.Strict)));
        Assert.Contains($"'{keyword}' at {pointer} ", refused.Message, StringComparison.Ordinal);
        Assert.False(Languages.Compile(schema, report).IsDead);
        Assert.Contains(pointer, report.Relaxed);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""")]
    [InlineData("""{"type":"string","allOf":[{"type":"integer"}]}""")]
    [InlineData("""{"type":"array","minItems":3,"maxItems":2}""")]
    [InlineData("""{"type":"string","pattern":"^a+$","format":"date"}""")]
    [InlineData("""{"type":"integer","minimum":0.2,"maximum":0.8}""")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"type":"array","items":{"$ref":"#/$defs/a"},"minItems":1}}}""")]
    [InlineData("false")]
    public void What_no_value_follows_is_refused(string schema)
    {
        var refused = Assert.Throws<NotSupportedException>(() => Languages.Compile(schema));
        Assert.Contains("No finite JSON value", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""")]
    public void References_in_a_circle_add_nothing(string schema) =>
        Assert.True(Languages.Accepts(Languages.Compile(schema), "{\"a\": 1}"));

    private static TheoryData<int, string> Rows(string file)
    {
        TheoryData<int, string> rows = [];
        foreach ((int index, JsonElement row) in Read(file).EnumerateArray().Index())
        {
            rows.Add(index, row.GetProperty("keyword").GetString()!);
        }

        return rows;
    }

    private static IEnumerable<string> Texts(JsonElement example, string name) =>
        example.GetProperty(name).EnumerateArray().Select(text => text.GetString()!);

    private static JsonElement Row(string file, int row) => Read(file)[row];

    private static JsonElement Read(string file) => JsonElement.Parse(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Constraints", "Schemas", file)));
}
