using System.Globalization;
using System.Text.Json;

namespace SmolLM3.Fuzz;

/// <summary>Makes schemas that are odd, wrong, deep, wide or wound about themselves.</summary>
internal sealed class HostileSchema(Random random)
{
    private static readonly string[] s_numbers =
    [
        "0", "1", "2", "3", "7", "20", "255", "1000", "65536", "300000", "2147483647", "2147483648", "9007199254740993",
        "99999999999999999", "100000000000000000", "1e17", "1e28", "1e308", "1e400", "-1", "-0", "0.1", "-2.5", "1e-30",
        "0.00000000000000001", "12345678901234567890123456789012345678901234567890", "1.0", "9999", "10007",
    ];

    private static readonly string[] s_types =
        ["string", "integer", "number", "object", "array", "boolean", "null", "file"];

    private static readonly string[] s_formats =
        ["date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid", "password"];

    private static readonly string[] s_counts =
        ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

    private static readonly string[] s_references =
        ["#", "#/properties/a", "#/$defs/a", "#/allOf/0", "#/items", "#a", "other", "#/%zz", "#/anyOf/1"];

    private static readonly string[] s_applied =
        ["additionalProperties", "propertyNames", "contains", "not", "if", "unevaluatedItems"];

    private static readonly string[] s_flags =
        ["uniqueItems", "additionalProperties", "unevaluatedProperties", "nullable", "x-odd"];

    private static readonly string[] s_misused =
        ["type", "properties", "items", "anyOf", "pattern", "minLength", "$id", "$anchor"];

    private static readonly string[] s_names =
        ["a", "b", "c", "a/b", "~", "größe", "", "x y", "quo\"te", "0", "😀", "toString"];

    /// <summary>Some keywords, some levels deep.</summary>
    public string Small() => Schema(random.Next(1, 4));

    /// <summary>Much of something.</summary>
    public string Large() => random.Next(15) switch
    {
        0 => Nested("\"items\":", random.Next(2) == 0 ? random.Next(90) : random.Next(9_000)),
        1 => Nested("\"properties\":{\"a\":", random.Next(2) == 0 ? random.Next(50) : random.Next(4_000), "}"),
        2 => Nested("\"anyOf\":[{},", random.Next(4_000), "]"),
        3 => $$"""{"const":{{Brackets(random.Next(2) == 0 ? random.Next(100) : random.Next(9_000))}}}""",
        4 => Web(random.Next(2, 400)),
        5 => Wide(random.Next(2) == 0 ? random.Next(2, 300) : random.Next(2_500)),
        6 => Enumeration(random.Next(1, 6), random.Next(1, 6_000)),
        7 => $$"""{"allOf":[{{Many(random.Next(2, 40), _ => Choice(random.Next(2, 40)))}}]}""",
        8 => $$"""{"allOf":[{{Many(random.Next(2, 500), _ => Schema(1))}}]}""",
        9 => $$"""{"type":"object","patternProperties":{{
            Members(random.Next(1, 120), Pattern, _ => Schema(1))}},"properties":{{
            Members(random.Next(60), Name, _ => "{}")}}}""",
        10 => $$"""{"oneOf":[{{Many(random.Next(2, 300), Tagged)}}]}""",
        11 => $$"""{"type":"array","prefixItems":[{{Many(random.Next(2_000), _ => Schema(0))}}],"contains":{{
            Schema(1)}},"minContains":{{Number()}}}""",
        12 => $$"""{"properties":{{Members(
            random.Next(1, 5),
            i => new string((char)('a' + i), random.Next(100_000)),
            _ => Choice(random.Next(2, 250)))}}}""",
        13 => Pattern(),
        _ => $$"""{"type":"object","properties":{{Members(random.Next(2, 400), i => $"p{i}", Text)}}}""",
    };

    private string Tagged(int i) =>
        $$"""{"type":"object","properties":{"k":{"const":{{i}}},"v":{{Schema(1)}}},"required":["k","v"]}""";

    private string Text(int i) =>
        $$"""{"title":"{{i}}","minLength":{{random.Next(9)}},"type":"string","pattern":{{Pattern()}}}""";

    private static string Nested(string open, int depth, string close = "") =>
        string.Concat(Enumerable.Repeat("{" + open, depth)) + "{}"
        + string.Concat(Enumerable.Repeat(close + "}", depth));

    private static string Brackets(int depth) => new string('[', depth) + "1" + new string(']', depth);

    private static string Many(int count, Func<int, string> item) =>
        string.Join(',', Enumerable.Range(0, count).Select(item));

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private static string Members(int count, Func<int, string> name, Func<int, string> value) =>
        $"{{{Many(count, i => $"{Quote(name(i))}:{value(i)}")}}}";

    private string Members(int count, Func<string> quoted, Func<int, string> value) =>
        $"{{{Many(count, i => $"{quoted()}:{value(i)}")}}}";

    // Schemas that refer to each other in any way, themselves included.
    private string Web(int count)
    {
        string Reference() => $$"""{"$ref":"#/$defs/d{{random.Next(count + (count / 20))}}"}""";
        string Definition(int i) => random.Next(7) switch
        {
            0 => $$"""{"type":"array","items":{{Reference()}},"maxItems":{{Number()}}}""",
            1 => $$"""{"properties":{"a":{{Reference()}},"b":{{Reference()}},"c":{{Schema(0)}}},"required":["{{
                (random.Next(4) == 0 ? "a" : "c")}}"]}""",
            2 => $$"""{"anyOf":[{{Reference()}},{{Reference()}},{{Schema(0)}}]}""",
            3 => $$"""{"allOf":[{{Reference()}},{{Reference()}}]}""",
            4 => $$"""{"additionalProperties":{{Reference()}},"title":"{{i}}"}""",
            5 => $$"""{"$ref":"#/$defs/d{{random.Next(count)}}","anyOf":[{{Reference()}},{"type":"object"}]}""",
            _ => Schema(1),
        };
        return $$"""{"$defs":{{Members(count, i => $"d{i}", Definition)}},"properties":{{
            Members(random.Next(1, count), i => $"p{i}", _ => Reference())}}}""";
    }

    private string Wide(int count)
    {
        string more = random.Next(5) switch
        {
            0 => $",\"minProperties\":{random.Next(1, 80)}",
            1 => $",\"maxProperties\":{random.Next(1, 80)}",
            2 => ",\"additionalProperties\":" + Schema(1),
            3 => $",\"patternProperties\":{{{Pattern()}:{Schema(0)}}},\"propertyNames\":{{\"pattern\":{Pattern()}}}",
            _ => "",
        };
        string names = Many(random.Next(2) == 0 ? 0 : random.Next(count + 2), i => $"\"property_{i * 2}\"");
        string values = Members(
            count, i => $"property_{i}", _ => random.Next(9) == 0 ? Schema(1) : """{"type":"string"}""");
        return $$"""{"type":"object","properties":{{values}},"required":[{{names}}]{{more}}}""";
    }

    private string Enumeration(int parts, int count) =>
        $$"""{"allOf":[{{Many(parts, _ => $$"""{"enum":[{{Many(count, i => random.Next(3) switch
        {
            0 => $"{count - i}",
            1 => $"\"text number {i}\"",
            _ => $"[{i},{{\"a\":{i}}}]",
        })}}]}""")}}]}""";

    private string Choice(int count) =>
        $$"""{"{{(random.Next(4) == 0 ? "oneOf" : "anyOf")}}":[{{Many(count, _ => Schema(0))}}]}""";

    private string Schema(int depth)
    {
        if (random.Next(20) == 0)
        {
            return random.Next(3) == 0 ? "false" : "true";
        }

        string[] keywords = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Keyword(depth)).Distinct()];
        return $"{{{string.Join(',', keywords)}}}";
    }

    private string Keyword(int depth) => random.Next(depth > 0 ? 24 : 12) switch
    {
        0 or 1 => $"\"type\":{(random.Next(5) == 0 ? $"[{Many(2, _ => Type())}]" : Type())}",
        2 => $"\"{Pick(s_counts)}\":{Number()}",
        3 => $"\"{Pick("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")}\":{Number()}",
        4 => $"\"pattern\":{Pattern()}",
        5 => $"\"format\":\"{Pick(s_formats)}\"",
        6 => $"\"enum\":[{Many(random.Next(5), _ => Constant(2))}]",
        7 => $"\"const\":{Constant(2)}",
        8 => $"\"required\":[{Many(random.Next(4), _ => Name())}]",
        9 => $"\"{Pick(s_flags)}\":{Constant(1)}",
        10 => $"\"$ref\":\"{Pick(s_references)}\"",
        11 => $"\"{Pick(s_misused)}\":{Constant(1)}",
        12 or 13 => $"\"properties\":{Members(random.Next(5), Name, _ => Schema(depth - 1))}",
        14 or 15 => $"\"items\":{Schema(depth - 1)}",
        16 => $"\"prefixItems\":[{Many(random.Next(4), _ => Schema(depth - 1))}]",
        17 => $"\"anyOf\":[{Many(random.Next(4), _ => Schema(depth - 1))}]",
        18 => $"\"oneOf\":[{Many(random.Next(4), _ => Schema(depth - 1))}]",
        19 => $"\"allOf\":[{Many(random.Next(4), _ => Schema(depth - 1))}]",
        20 => $"\"{Pick(s_applied)}\":{Schema(depth - 1)}",
        21 => $"\"patternProperties\":{Members(random.Next(3), Pattern, _ => Schema(depth - 1))}",
        22 => $"\"$defs\":{{\"a\":{Schema(depth - 1)}}}",
        _ => $"\"minContains\":{Number()}",
    };

    private string Constant(int depth) => random.Next(depth > 0 ? 7 : 4) switch
    {
        0 => Number(),
        1 => Name(),
        2 => Pick("null", "true", "false"),
        3 => Quote(Pick(s_types)),
        4 or 5 => $"[{Many(random.Next(3), _ => Constant(depth - 1))}]",
        _ => Members(random.Next(3), Name, _ => Constant(depth - 1)),
    };

    private string Number() => random.Next(3) == 0
        ? random.Next(100).ToString(CultureInfo.InvariantCulture)
        : s_numbers[random.Next(s_numbers.Length)];

    private string Type() => Quote(s_types[random.Next(random.Next(8) == 0 ? s_types.Length : s_types.Length - 1)]);

    private string Name() => Quote(Pick(s_names));

    private string Pattern() => Quote(new HostilePattern(random).Next());

    private string Pick(params string[] options) => options[random.Next(options.Length)];
}
