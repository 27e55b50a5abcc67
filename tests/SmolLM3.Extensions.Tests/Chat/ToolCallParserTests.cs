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
    [InlineData("""{"name": "f", "arguments": {"\ud83d\ude00": "é"}}""", """{"\ud83d\ude00": "é"}""")]
    [InlineData("""{"name": "g", "name": "f"}""", "{}")]
    [InlineData("""{"id": 7, "name": "f", "arguments": {"x": 1}, "type": "function"}""", """{"x": 1}""")]
    [InlineData("""{"name": "g", "name": "f", "arguments": {}, "arguments": {"x": 2}}""", """{"x": 2}""")]
    public void A_good_call_is_read(string rawText, string arguments)
    {
        OutputToolCall call = ToolCallParser.Parse(rawText, ToolCallEnd.Tag);

        Assert.Null(call.Error);
        Assert.False(call.IsCut);
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
    [InlineData("""{"name": "f", "city": "Lisbon"}""", "f", "without \"arguments\"")]
    [InlineData("""{"name": "f", "Arguments": {"x": 1}}""", "f", "without \"arguments\"")]
    [InlineData("""{"name": "f", "arguments": {"x": [1, {"y": "\ud83d"}]}}""", "f", "surrogate pair")]
    [InlineData("""{"name": "f", "arguments": {"\ude00": 1}}""", "f", "surrogate pair")]
    [InlineData("""{"name": "f", "arguments": "{\"x\": \"\ud83d\"}"}""", "f", "surrogate pair")]
    [InlineData("""{"name": "f", "arguments": "{\"x\": \"\\ud83d\"}"}""", "f", "surrogate pair")]
    [InlineData("""{"name": "f\ud83d", "arguments": {}}""", "", "surrogate pair")]
    public void A_bad_call_keeps_its_text_its_error_and_its_name_if_that_can_be_read(
        string rawText, string name, string error)
    {
        OutputToolCall call = ToolCallParser.Parse(rawText, ToolCallEnd.Tag);

        Assert.Contains(error, Assert.IsType<FormatException>(call.Error).Message);
        Assert.False(call.IsCut);
        Assert.Equal(name, call.Name);
        Assert.Equal("{}", call.Arguments.GetRawText());
        Assert.Equal(rawText, call.RawText);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("{\"nam", "")]
    [InlineData("{\"name\": \"f\", \"argum", "f")]
    public void A_call_that_is_not_whole_says_what_ended_it(string rawText, string name)
    {
        OutputToolCall cut = ToolCallParser.Parse(rawText, ToolCallEnd.Limit);
        OutputToolCall left = ToolCallParser.Parse(rawText, ToolCallEnd.Answer);

        Assert.Equal((true, false), (cut.IsCut, left.IsCut));
        Assert.Contains("limit was reached within a tool call. Allow more", cut.Error?.Message);
        Assert.Equal("The model ended its answer within a tool call.", left.Error?.Message);
        Assert.Equal((name, name), (cut.Name, left.Name));
        Assert.Equal((rawText, rawText), (cut.RawText, left.RawText));
    }

    [Fact]
    public void A_whole_call_that_only_lacks_its_closing_tag_is_good()
    {
        const string rawText = """{"name": "f", "arguments": {"x": 1}} """;
        OutputToolCall call = ToolCallParser.Parse(rawText, ToolCallEnd.Limit);

        Assert.Null(call.Error);
        Assert.False(call.IsCut);
    }

    [Fact]
    public void Deep_nesting_is_an_error_and_no_crash()
    {
        string rawText = """{"name": "f", "arguments": """ + new string('[', 100_000);

        Assert.NotNull(ToolCallParser.Parse(rawText, ToolCallEnd.Tag).Error);
    }
}
