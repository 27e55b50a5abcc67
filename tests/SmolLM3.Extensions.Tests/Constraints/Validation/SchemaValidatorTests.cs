using System.Text.Json;
using SmolLM3.Extensions.Constraints.Validation;

namespace SmolLM3.Extensions.Tests.Constraints.Validation;

/// <summary>The table of violations, and the one of what the compiler enforces.</summary>
public sealed class SchemaValidatorTests
{
    // Texts the compiler does not let a model write, though the schema allows them: other layouts and orders, names
    // nobody mentioned, numbers in other forms, other types where none is named.
    private static readonly string[] s_notWritten =
    [
        "type: -0", "type: 1.0", "type: 1e3", "type: 123456789012345678", "type: [1,2]",
        """properties: {"b": "x", "a": 1}""", """properties: {"a": 1, "a": 2}""", """properties: {"c": 1}""",
        """patternProperties: {"z": 1}""", """anyOf: {"k": "a", "n": 1}""", """oneOf: {"t": 1, "u": null}""",
    ];

    public static TheoryData<int, string> Violations => Rows("Validation/violations.json");

    public static TheoryData<int, string> Enforced => Rows("Schemas/keywords.json");

    [Theory]
    [MemberData(nameof(Violations))]
    public void The_first_violation_is_told_with_its_places(int row, string keyword)
    {
        JsonElement example = Read("Validation/violations.json")[row], schema = example.GetProperty("schema");
        Assert.Equal(keyword, example.GetProperty("keyword").GetString());
        Assert.All(
            example.GetProperty("accept").EnumerateArray(), text => Assert.Null(Check(schema, text.GetString()!)));
        Assert.All(
            example.GetProperty("reject").EnumerateObject(),
            text => Assert.Equal(text.Value.GetString(), Check(schema, text.Name)));
    }

    [Theory]
    [MemberData(nameof(Enforced))]
    public void What_the_compiler_accepts_and_rejects_is_valid_and_is_not(int row, string keyword)
    {
        JsonElement example = Read("Schemas/keywords.json")[row], schema = example.GetProperty("schema");
        Assert.Equal(keyword, example.GetProperty("keyword").GetString());
        Assert.All(
            example.GetProperty("accept").EnumerateArray(), text => Assert.Null(Check(schema, text.GetString()!)));
        Assert.All(
            example.GetProperty("reject").EnumerateArray().Select(text => text.GetString()!).Where(IsJson),
            text => Assert.Equal(s_notWritten.Contains($"{keyword}: {text}"), Check(schema, text) is null));
    }

    private static string? Check(JsonElement schema, string text) =>
        SchemaValidator.FirstViolation(schema, JsonElement.Parse(text));

    private static bool IsJson(string text)
    {
        try
        {
            // Half a surrogate pair is none either.
            JsonElement value = JsonElement.Parse(text);
            return value.ValueKind != JsonValueKind.String || value.GetString() is not null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static TheoryData<int, string> Rows(string file)
    {
        TheoryData<int, string> rows = [];
        foreach ((int index, JsonElement row) in Read(file).EnumerateArray().Index())
        {
            rows.Add(index, row.GetProperty("keyword").GetString()!);
        }

        return rows;
    }

    private static JsonElement Read(string file) => JsonElement.Parse(
        File.ReadAllBytes(Path.Combine([AppContext.BaseDirectory, "Constraints", .. file.Split('/')])));
}
