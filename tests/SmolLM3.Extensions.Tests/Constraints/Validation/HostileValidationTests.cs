using System.Text.Json;
using SmolLM3.Extensions.Constraints.Validation;

namespace SmolLM3.Extensions.Tests.Constraints.Validation;

/// <summary>Schemas and values made to hurt: the work ends, and what was not checked holds.</summary>
public sealed class HostileValidationTests
{
    [Theory]
    [InlineData("""{"$ref":"#","type":"integer"}""", true)]
    [InlineData("""{"allOf":[{"$ref":"#"}],"type":"integer"}""", true)]
    [InlineData(
        """{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a","type":"integer"}}}""", true)]
    [InlineData("""{"not":{"$ref":"#"}}""", false)]
    [InlineData("""{"oneOf":[{"$ref":"#"},true]}""", false)]
    public void References_in_a_circle_add_nothing(string schema, bool isViolated) =>
        Assert.Equal(isViolated, Check(schema, "\"a\"") is not null);

    [Fact]
    public void A_recursive_schema_is_followed_as_deep_as_a_call_may_be()
    {
        const string schema = """
            {"$ref":"#/$defs/node","$defs":{"node":{"properties":{
              "next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]},"value":{"maximum":1}}}}}
            """;
        string Nested(int value) => string.Concat(Enumerable.Repeat("{\"next\":", 60))
            + $$"""{"value":{{value}}}""" + new string('}', 60);

        Assert.Null(Check(schema, Nested(1)));
        Assert.StartsWith("/next: must follow one of 2 schemas", Check(schema, Nested(2)));
    }

    [Fact]
    public void Nesting_stays_within_a_small_stack()
    {
        string chain = Chain(5_000, i => $$"""{"allOf":[{"anyOf":[{"$ref":"#/$defs/a{{i}}"}]}]}""");
        string deep = new string('[', 5_000) + new string(']', 5_000);
        string?[] found = ["", ""];
        Thread thread = new(
            () => found = [Check(chain, "\"a\""), Check("""{"items":{"$ref":"#"},"maxItems":1}""", deep)],
            maxStackSize: 512 * 1024);
        thread.Start();
        thread.Join();

        Assert.Equal([null, null], found);
        Assert.NotNull(Check(Chain(90, i => $$"""{"$ref":"#/$defs/a{{i}}"}"""), "\"a\""));
    }

    public static TheoryData<string, string> Endless => new()
    {
        // Each doubles the work of the one before.
        { Chain(60, i => $$"""{"allOf":[{"$ref":"#/$defs/a{{i}}"},{"$ref":"#/$defs/a{{i}}"}]}"""), "1" },
        { Chain(60, i => $$"""{"anyOf":[{"$ref":"#/$defs/a{{i}}"},{"$ref":"#/$defs/a{{i}}"}]}"""), "\"a\"" },

        // Everything is compared with everything, and only the last is wrong.
        { """{"uniqueItems":true}""", $"[{Many(50_000, i => $"{i}")},0]" },
        { "{\"items\":{\"enum\":[" + Many(50_000, i => $"{i}") + "]}}", $"[{Many(50_000, _ => "49999")},-1]" },
        { "{\"patternProperties\":{" + Many(3_000, i => $"\"x{i}\":false") + "}}",
            $"{{{Many(3_000, i => $"\"y{i}\":0")},\"x0\":0}}" },

        // Long texts are written for messages nobody reads.
        { Chain(60, i => $$"""{"anyOf":[{"$ref":"#/$defs/a{{i}}"},{"$ref":"#/$defs/a{{i}}"}]}""")
            .Replace("\"integer\"", $"\"integer\",\"const\":\"{new string('b', 100_000)}\"", StringComparison.Ordinal),
            "1" },

        // Long names all along the way.
        { """{"additionalProperties":{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}}""",
            string.Concat(Enumerable.Repeat($"{{\"{new string('a', 10_000)}\":", 50)) + "{}" + new string('}', 50) },
    };

    [Fact]
    public void A_large_call_is_no_endless_work()
    {
        string schema = "{\"items\":{\"properties\":{" + Many(10, i => $$$"""
            "property_{{{i}}}":{"type":"string","description":"What is number {{{i}}}?","maxLength":20,"not":{"const":"b"}}
            """) + "},\"required\":[\"property_3\"],\"additionalProperties\":false}}";
        string item = $"{{{Many(10, i => $"\"property_{i}\":\"some value\"")}}}";

        Assert.Null(Check(schema, $"[{Many(1_000, _ => item)}]"));
        Assert.StartsWith("/1000: must have the property", Check(schema, $"[{Many(1_000, _ => item)},{{}}]"));
    }

    [Theory]
    [MemberData(nameof(Endless))]
    public void Endless_work_is_given_up(string schema, string value) => Assert.Null(Check(schema, value));

    [Theory]
    [InlineData("^(?=(a+)+$)", 5_000)]
    [InlineData("^(?!x)((a|a)*)*$", 5_000)]
    public void A_pattern_that_takes_too_long_is_given_up(string pattern, int length)
    {
        string schema = JsonSerializer.Serialize(new { pattern, maxLength = length });
        Assert.Null(Check(schema, $"\"{new string('a', length - 1)}!\""));
        Assert.Contains("maxLength", Check(schema, $"\"{new string('a', length)}!\""));
    }

    [Theory]
    [InlineData(501, false)]
    [InlineData(500, true)]
    public void A_pattern_of_too_many_states_is_left_to_the_other_engine(int place, bool isViolated)
    {
        Random random = new(1);
        char[] text = [.. Enumerable.Range(0, 2_000).Select(_ => "ab"[random.Next(2)])];
        (text[^500], text[^501]) = place == 501 ? ('b', 'a') : ('a', 'b');
        Assert.Equal(isViolated, Check("""{"pattern":"^(a|b)*a(a|b){500}$"}""", $"\"{new string(text)}\"") is not null);
    }

    [Fact]
    public void Many_patterns_that_take_too_long_are_given_up_together()
    {
        string all = Many(2_000, i => $$"""{"pattern":"^(?=(a+)+$)a{{i}}"}""");
        Assert.Null(Check($"{{\"allOf\":[{all}]}}", $"\"{new string('a', 100)}!\""));
    }

    [Theory]
    [InlineData("""{"properties":{"\ud800":{}},"type":"string"}""")]
    [InlineData("""{"required":["\ud800"]}""")]
    [InlineData("""{"pattern":"\ud800"}""")]
    [InlineData("""{"$ref":"\ud800"}""")]
    public void Half_a_surrogate_pair_in_a_schema_is_not_checked(string schema)
    {
        Assert.Null(Check(schema, "{\"a\":1}"));
        Assert.Null(Check(schema, "\"a\""));
    }

    private static string Many(int count, Func<int, string> one) =>
        string.Join(',', Enumerable.Range(0, count).Select(one));

    // Each links to the one before; the first wants an integer.
    private static string Chain(int count, Func<int, string> link) =>
        """{"$defs":{"a0":{"type":"integer"},""" + Many(count, i => $"\"a{i + 1}\":{link(i)}")
        + $$"""},"$ref":"#/$defs/a{{count}}"}""";

    private static string? Check(string schema, string value)
    {
        JsonDocumentOptions deep = new() { MaxDepth = 10_000 };
        return SchemaValidator.FirstViolation(JsonElement.Parse(schema, deep), JsonElement.Parse(value, deep));
    }
}
