using System.Text.Json;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints;
using SmolLM3.Extensions.Constraints.Validation;
using SmolLM3.Extensions.Tests.Chat;
using SmolLM3.Extensions.Tests.Constraints.Schemas;

namespace SmolLM3.Extensions.Tests.Constraints;

/// <summary>Where schemas, numbers and patterns are at their limits.</summary>
public sealed class SchemaEdgeTests
{
    [Theory]
    [InlineData("""{"type":"array","contains":{"const":1},"minContains":2.0,"items":{"enum":[1,3]}}""", "[1, 1]", "[1, 3]")]
    [InlineData("""{"type":"number","minimum":5E-324}""", "1", "0")]
    [InlineData("""{"type":"number","maximum":-5E-324}""", "-1", "0")]
    [InlineData("""{"type":"number","maximum":5E-324}""", "0", "1")]
    [InlineData(
        """
        {"$defs":{"a":{"$id":"https://e.com/a"},"ab":{"$ref":"#/$defs/c"},"c":{"type":"integer"}},"$ref":"#/$defs/ab"}
        """,
        "1",
        "\"x\"")]
    [InlineData(
        """{"$id":"https://e.com/r","$defs":{"x":{"type":"integer"}},"$ref":"https://e.com/r#/$defs/x"}""", "1", "\"x\"")]
    public void What_is_written_follows_the_schema(string schema, string follows, string does_not)
    {
        var language = Languages.Compile(schema);
        Assert.True(Languages.Accepts(language, follows));
        Assert.False(Languages.Accepts(language, does_not));
    }

    [Theory]
    [InlineData("""{"type":"array","contains":{},"minContains":"2"}""", "minContains")]
    [InlineData("""{"type":"object","additionalProperties":"no"}""", "additionalProperties")]
    [InlineData("""{"type":"array","uniqueItems":"yes"}""", "uniqueItems")]
    public void A_keyword_of_a_wrong_shape_is_refused_by_name(string schema, string keyword) =>
        Assert.Contains(keyword, Assert.Throws<NotSupportedException>(() => Languages.Compile(schema)).Message);

    [Fact]
    public void A_pattern_borrows_no_brackets_from_what_is_put_around_it()
    {
        GrammarStore store = new(Vocabularies.Tiny);
        Assert.Contains(
            "closes no group",
            Assert.Throws<NotSupportedException>(() => store.ForForm(new AnswerForm { Pattern = "a)|(?:b" })).Message);
        Assert.Contains(
            "offset 0",
            Assert.Throws<NotSupportedException>(() => store.ForForm(new AnswerForm { Pattern = "(?=a)" })).Message);
    }

    [Theory]
    [InlineData("uri", "mailto:a@b.example", true)]
    [InlineData("uri", "https://u:p@h/x", true)]
    [InlineData("uri", "no address", false)]
    [InlineData("email", "root@localhost", true)]
    [InlineData("email", "nobody", false)]
    [InlineData("ipv6", "::ffff:1.2.3.4", true)]
    [InlineData("ipv6", "12:99", false)]
    [InlineData("date-time", "2026-11-24T10:00:00.1234567+01:00", true)]
    [InlineData("date-time", "2026-13-24T10:00:00Z", false)]
    [InlineData("date", "tomorrow", false)]
    public void Only_what_a_format_never_has_violates_it(string format, string text, bool may)
    {
        // A condition is not enforced while writing, so it is checked.
        string schema = $$$"""{"if":{"const":"never"},"else":{"format":"{{{format}}}"}}""";
        Assert.Equal(may, Check(schema, JsonSerializer.Serialize(text)) is null);
    }

    [Theory]
    [InlineData("""{"not":{"pattern":"^(?!x)a$"}}""", "\"a\\n\"")]
    [InlineData("""{"pattern":"^(?=\\s)[\\s]$"}""", "\"\\u00A0\"")]
    [InlineData("""{"exclusiveMaximum":1e500}""", "1e400")]
    [InlineData("""{"exclusiveMinimum":0.1}""", "0.1000000000000000000000000000001")]
    public void What_cannot_be_told_is_no_violation(string schema, string value) => Assert.Null(Check(schema, value));

    private static string? Check(string schema, string value) =>
        SchemaValidator.FirstViolation(JsonElement.Parse(schema), JsonElement.Parse(value));
}
