using System.Text.Json;
using Microsoft.Extensions.AI;
using SmolLM3.Extensions.Chat;

namespace SmolLM3.Extensions.Tests.Chat;

/// <summary>Functions as Python would declare them.</summary>
public sealed class PythonSignatureTests
{
    [Theory]
    [InlineData("""{}""", "def f():\n    ...")]
    [InlineData("""true""", "def f():\n    ...")]
    [InlineData(
        """{"properties":{"a":{"type":"integer"},"b":{"type":"number"},"c":{"type":"boolean"}},"required":["a","c"]}""",
        "def f(a: int, c: bool, b: float | None = None):\n    ...")]
    [InlineData(
        """{"properties":{"a":{"type":"array","items":{"type":"string"}},"b":{"type":"array"}},"required":["a","b"]}""",
        "def f(a: list[str], b: list):\n    ...")]
    [InlineData(
        """{"properties":{"a":{"type":"object"},"b":{"additionalProperties":{"type":"integer"},"type":"object"}}}""",
        "def f(a: dict | None = None, b: dict[str, int] | None = None):\n    ...")]
    [InlineData(
        """{"properties":{"unit":{"enum":["c","f"],"default":"c"},"n":{"type":["integer","null"]}}}""",
        "def f(unit: Literal['c', 'f'] = 'c', n: int | None = None):\n    ...")]
    [InlineData(
        """{"properties":{"a":{"anyOf":[{"type":"null"},{"type":"string"}]},"b":{"$ref":"#"}},"required":["a"]}""",
        "def f(a: str | None, b: Any = None):\n    ...")]
    [InlineData(
        """{"properties":{"a":{"type":"string","description":"Where.\nA \"\"\"town\"\"\"."}},"required":["a"]}""",
        "def f(a: str):\n    \"\"\"Args:\n        a: Where.\n            A \\\"\\\"\\\"town\\\"\\\"\\\".\n    \"\"\"")]
    [InlineData(
        """{"properties":{"a":{"const":"k"},"b":{"allOf":[{"$ref":"#"},{"type":"string"}]},"c":{"allOf":[{}]}}}""",
        "def f(a: Literal['k'] | None = None, b: str | None = None, c: Any = None):\n    ...")]
    [InlineData(
        """{"properties":{"a":{"type":"integer","allOf":[{"minimum":1}]},"b":{"description":"A.\n\nB."}},"required":["a"]}""",
        "def f(a: int, b: Any = None):\n    \"\"\"Args:\n        b: A.\n\n            B.\n    \"\"\"")]
    public void A_schema_becomes_parameters(string schema, string signature) =>
        Assert.Equal(signature, Signature("f", "", schema));

    [Fact]
    public void A_function_is_described()
    {
        AIFunction function = AIFunctionFactory.Create(
            (string city, int days = 3) => new[] { 1.5 }, "forecast", "Tells the weather.\nBy day.");

        Assert.Equal(
            "def forecast(city: str, days: int = 3) -> list[float]:\n    \"\"\"Tells the weather.\n    By day.\"\"\"",
            PythonSignature.Of(function).GetString());
    }

    [Theory]
    [InlineData("Say \"hi\"", "Say \"hi\\\"")]
    [InlineData("\"\"", "\\\"\\\"")]
    [InlineData("\"a\" \"\"b", "\"a\" \"\"b")]
    [InlineData("\"\"\"\"four", "\\\"\\\"\\\"\\\"four")]
    [InlineData("A \\", "A \\\\")]
    [InlineData("A \\\"", "A \\\\\\\"")]
    public void No_description_ends_its_docstring(string description, string written) => Assert.Equal(
        $"def f():\n    \"\"\"{written}\"\"\"", Signature("f", description, "{}"));

    [Theory]
    [InlineData("Weather-get", "x")]
    [InlineData("class", "x")]
    [InlineData("1st", "x")]
    [InlineData("f", "a b")]
    [InlineData("f", "x): pass\ndef g(y")]
    [InlineData("f\n", "x")]
    [InlineData("f", "lambda")]
    public void What_Python_cannot_name_is_refused(string function, string parameter)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Signature(
            function, "", """{"properties":{"?":{}}}""".Replace("\"?\"", JsonSerializer.Serialize(parameter))));
        Assert.Contains("PythonFunctions", refused.Message);
    }

    [Fact]
    public void Types_nested_too_deep_are_anything()
    {
        string schema = "{}";
        for (int i = 0; i < 50; i++)
        {
            schema = $$"""{"type":"array","items":{{schema}}}""";
        }

        Assert.Equal(
            "def f(a: list[list[list[list[Any]]]]):\n    ...",
            Signature("f", "", """{"properties":{"a":?},"required":["a"]}""".Replace("?", schema)));
    }

    private static string Signature(string name, string description, string schema) => PythonSignature.Of(
        AIFunctionFactory.CreateDeclaration(name, description, JsonElement.Parse(schema))).GetString()!;
}
