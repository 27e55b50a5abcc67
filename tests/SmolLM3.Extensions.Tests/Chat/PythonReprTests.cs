using System.Text.Json;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Tests.Chat;

public class PythonReprTests
{
    [Fact]
    public void Every_value_is_spelled_as_python_spells_it()
    {
        Assert.True(ExpectedData.Reprs.GetArrayLength() >= 300);
        Assert.All(ExpectedData.Reprs.EnumerateArray(), value =>
            Assert.Equal(
                value.GetProperty("str").GetString(),
                PythonRepr.ToStr(Prompts.Json(value.GetProperty("json").GetString()!))));
    }

    [Theory]
    [InlineData("\"text\"", "text", "'text'")]
    [InlineData("\"it's\"", "it's", "\"it's\"")]
    [InlineData("null", "None", "None")]
    [InlineData("[]", "[]", "[]")]
    public void A_text_by_itself_has_no_quotes_and_its_repr_has(string json, string str, string repr)
    {
        JsonElement value = Prompts.Json(json);

        Assert.Equal(str, PythonRepr.ToStr(value));
        Assert.Equal(repr, PythonRepr.ToRepr(value));
    }
}
