using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Tests.Chat;

public class ToolCallParserTests
{
    [Theory]
    [InlineData("""{"name": "f", "arguments": {"x": 1}}""", """{"x": 1}""")]
    [InlineData("\n{\"arguments\":\n{ \"x\":[null,\"é\"] },\n\"name\":\"f\"}\n\n", "{ \"x\":[null,\"é\"] }")]
    [InlineData("""{"name": "f"}""", "{}")]
    [InlineData("""{"name": "f", "arguments": null}""", "{}")]
    [InlineData("""{"name": "f", "arguments": ""}""", "{}")]
    [InlineData("""{"name": "f", "arguments": {}}""", "{}")]
    [InlineData("""{"name": "f", "parameters": {"x": 1}}""", """{"x": 1}""")]
    [InlineData("""{"name": "f", "arguments": "{\"x\": \"\\u00e9\"}"}""", """{"x": "\u00e9"}""")]
    [InlineData("""{"id": 7, "name": "f", "arguments": {"x": 1}, "type": "function"}""", """{"x": 1}""")]
    [InlineData("""{"name": "g", "name": "f", "arguments": {}, "arguments": {"x": 2}}""", """{"x": 2}""")]
    public void A_good_call_is_read(string rawText, string arguments)
    {
        OutputToolCall call = ToolCallParser.Parse(rawText, closed: true);

        Assert.Null(call.Error);
        Assert.False(call.Incomplete);
        Assert.Equal("f", call.Name);
        Assert.Equal(arguments, call.Arguments.GetRawText());
        Assert.Equal(rawText, call.RawText);
    }

    [Theory]
    [InlineData("", "", "not valid JSON")]
    [InlineData("get_weather(city='Rome')", "", "not valid JSON")]
    [InlineData("{'name': 'f', 'arguments': {}}", "", "not valid JSON")]
    [InlineData("""{"name": "f", "arguments": {"x": }}""", "f", "not valid JSON")]
    [InlineData("""{"name": "f", "arguments": {}}}""", "f", "not valid JSON")]
    [InlineData("""{"x": {"name": "inner"}, "name": "f", "arguments": {"x": 1,}}""", "f", "not valid JSON")]
    [InlineData("""{"name": "f\ud800", "arguments": [}""", "", "not valid JSON")]
    [InlineData("""{"name": "f", "arguments": "no json"}""", "f", "not valid JSON")]
    [InlineData("""{"arguments": {}}""", "", "without the name")]
    [InlineData("""{"name": "", "arguments": {}}""", "", "without the name")]
    [InlineData("""{"name": 5, "arguments": {}}""", "", "without the name")]
    [InlineData("""[{"name": "f"}]""", "", "not a JSON object")]
    [InlineData("null", "", "not a JSON object")]
    [InlineData("""{"name": "f", "arguments": [1]}""", "f", "arguments are not a JSON object")]
    [InlineData("""{"name": "f", "arguments": "[1]"}""", "f", "arguments are not a JSON object")]
    [InlineData("""{"name": "f", "arguments": 5}""", "f", "arguments are not a JSON object")]
    public void A_bad_call_keeps_its_text_its_error_and_its_name_if_that_can_be_read(
        string rawText, string name, string error)
    {
        OutputToolCall call = ToolCallParser.Parse(rawText, closed: true);

        Assert.Contains(error, Assert.IsType<FormatException>(call.Error).Message);
        Assert.False(call.Incomplete);
        Assert.Equal(name, call.Name);
        Assert.Equal("{}", call.Arguments.GetRawText());
        Assert.Equal(rawText, call.RawText);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("{\"nam", "")]
    [InlineData("{\"name\": \"f\", \"argum", "f")]
    public void A_call_that_was_cut_off_says_so(string rawText, string name)
    {
        OutputToolCall call = ToolCallParser.Parse(rawText, closed: false);

        Assert.True(call.Incomplete);
        Assert.Contains("ended within", call.Error?.Message);
        Assert.Equal(name, call.Name);
        Assert.Equal(rawText, call.RawText);
    }

    [Fact]
    public void A_whole_call_that_only_lacks_its_closing_tag_is_good()
    {
        OutputToolCall call = ToolCallParser.Parse("""{"name": "f", "arguments": {"x": 1}} """, closed: false);

        Assert.Null(call.Error);
        Assert.False(call.Incomplete);
    }

    [Fact]
    public void Deep_nesting_is_an_error_and_no_crash()
    {
        string rawText = """{"name": "f", "arguments": """ + new string('[', 100_000);

        Assert.NotNull(ToolCallParser.Parse(rawText, closed: true).Error);
    }
}
