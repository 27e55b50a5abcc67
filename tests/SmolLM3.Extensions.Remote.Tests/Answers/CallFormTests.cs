using System.Text.Json;
using System.Text.Json.Nodes;
using SmolLM3.Extensions.Remote.Answers;

namespace SmolLM3.Extensions.Remote.Tests.Answers;

public sealed class CallFormTests
{
    private static readonly JsonElement s_timer = Tool("set_timer", """
        {"type":"object","properties":{"minutes":{"type":"integer"}},"required":["minutes"]}
        """);

    [Fact]
    public void A_call_is_the_name_and_the_arguments_of_a_tool()
    {
        Assert.Equal(
            JsonNode.Parse("""
                {"type":"object","properties":{"name":{"const":"set_timer"},"arguments":
                {"type":"object","properties":{"minutes":{"type":"integer"}},"required":["minutes"]}},
                "required":["name","arguments"],"additionalProperties":false}
                """)!.ToJsonString(),
            Text(s_timer));
        JsonElement two = Parse(Text(s_timer, Tool("stop", "{}")));
        Assert.Equal(2, two.GetProperty("anyOf").GetArrayLength());
    }

    [Fact]
    public void What_references_name_moves_to_the_root_under_names_of_each_tool()
    {
        JsonElement tool = Tool("draw", """
            {"type":"object","properties":{"at":{"$ref":"#/$defs/point"}},
            "$defs":{"point":{"type":"array","items":{"$ref":"#/definitions/x"}}},"definitions":{"x":{"type":"number"}}}
            """);

        JsonElement schema = Parse(Text(tool, tool));

        Assert.Equal(
            ["t0_point", "t0_x", "t1_point", "t1_x"],
            schema.GetProperty("$defs").EnumerateObject().Select(definition => definition.Name));
        Assert.Equal("#/$defs/t1_x", schema.GetProperty("$defs").GetProperty("t1_point")
            .GetProperty("items").GetProperty("$ref").GetString());
        Assert.Equal("#/$defs/t0_point", schema.GetProperty("anyOf")[0].GetProperty("properties").GetProperty("arguments")
            .GetProperty("properties").GetProperty("at").GetProperty("$ref").GetString());
    }

    [Theory]
    [InlineData("""{"properties":{"next":{"$ref":"#"}}}""")]
    [InlineData("""{"properties":{"next":{"$ref":"#/properties/other"}}}""")]
    [InlineData("true")]
    public void Arguments_whose_references_cannot_move_are_any_object(string parameters)
    {
        JsonElement arguments = Parse(Text(Tool("f", parameters))).GetProperty("properties").GetProperty("arguments");

        Assert.Equal("""{"type":"object"}""", arguments.GetRawText());
    }

    [Theory]
    [InlineData("\n{\"name\": \"set_timer\", \"arguments\": {\"minutes\": 3}}\n", true)]
    [InlineData("{\"name\": \"set_timer\", \"arguments\": {\"minutes\": \"3\"}}", false)]
    [InlineData("{\"name\": \"other\", \"arguments\": {\"minutes\": 3}}", false)]
    [InlineData("{\"name\": \"set_timer\"", false)]
    public void A_call_is_kept_that_its_schema_takes(string text, bool isKept) =>
        Assert.Equal(isKept, CallForm.IsKept([s_timer], text));

    private static JsonElement Tool(string name, string parameters) =>
        Parse($$"""{"name":"{{name}}","parameters":{{parameters}}}""");

    private static string Text(params JsonElement[] tools) => CallForm.Of(tools).Schema!.Value.GetRawText();

    private static JsonElement Parse(string text) => JsonElement.Parse(text);
}
