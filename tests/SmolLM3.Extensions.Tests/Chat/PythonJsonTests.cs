using System.Text.Json;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Tests.Chat;

public class PythonJsonTests
{
    [Fact]
    public void Every_value_is_spelled_as_json_dumps_spells_it()
    {
        JsonElement[] values =
            [.. ExpectedData.Reprs.EnumerateArray().Where(v => v.GetProperty("dumps").ValueKind != JsonValueKind.Null)];

        Assert.True(values.Length >= 300);
        Assert.All(values, value =>
            Assert.Equal(
                value.GetProperty("dumps").GetString(),
                PythonJson.Dump(Prompts.Json(value.GetProperty("json").GetString()!))));
    }

    [Fact]
    public void Half_a_surrogate_pair_keeps_its_escape()
    {
        Assert.Equal("\"\\ud83d x\\ude00\\ude00😀\"", PythonJson.Quote("\ud83d x\ude00\ude00😀"));
    }
}
