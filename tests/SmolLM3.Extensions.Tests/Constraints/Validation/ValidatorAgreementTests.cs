using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;
using SmolLM3.Extensions.Constraints.Schemas;
using SmolLM3.Extensions.Constraints.Validation;
using SmolLM3.Extensions.Tests.Constraints.Schemas;

namespace SmolLM3.Extensions.Tests.Constraints.Validation;

/// <summary>Of random schemas, and values that follow them or nearly so, another library says the same.</summary>
public sealed class ValidatorAgreementTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Another_library_finds_a_violation_where_we_do(int seed)
    {
        Random random = new(seed);
        int valid = 0, invalid = 0;
        for (int i = 0; i < 60; i++)
        {
            RandomSchema schemas = new(random, isPlain: true);
            string[] parts = [schemas.Next(), schemas.Next()];
            string schema = Put(parts, random);
            JsonElement own = JsonElement.Parse(schema);
            JsonSchema judge = await JsonSchema.FromJsonAsync(schema, TestContext.Current.CancellationToken);
            foreach (string value in parts.SelectMany(part => Values(part, random)))
            {
                string? violation = SchemaValidator.FirstViolation(own, JsonElement.Parse(value));
                var others = judge.Validate(value);
                Assert.True(
                    violation is null == (others.Count == 0),
                    $"{schema}\n{value}\n{violation}\n{others.FirstOrDefault()}");
                _ = violation is null ? valid++ : invalid++;
            }
        }

        // Neither is rare, or little would be said.
        Assert.InRange(valid, 100, int.MaxValue);
        Assert.InRange(invalid, 100, int.MaxValue);
    }

    private static string Put(string[] parts, Random random) => random.Next(7) switch
    {
        0 => $$"""{"not":{{parts[0]}}}""",
        1 => $$"""{"oneOf":[{{parts[0]}},{{parts[1]}}]}""",
        2 => $$"""{"anyOf":[{"not":{{parts[0]}}},{{parts[1]}}]}""",
        3 => $$"""{"allOf":[{"not":{{parts[0]}}},{{parts[1]}}]}""",
        4 => $$"""{"oneOf":[{{parts[0]}},{"not":{{parts[1]}}},{{parts[0]}}]}""",
        5 => $$$"""{"$ref":"#/definitions/a","definitions":{"a":{{{parts[0]}}}}}""",
        _ => parts[0],
    };

    // Texts of the schema's language, as they are and with something changed.
    private static IEnumerable<string> Values(string schema, Random random)
    {
        for (int i = 0; i < 6; i++)
        {
            JsonNode? value;
            try
            {
                value = JsonNode.Parse(Languages.Walk(Languages.Compile(schema), random, length: 100));
            }
            catch (NotSupportedException)
            {
                // Nothing follows it.
                yield break;
            }

            yield return Write(value);
            yield return Write(Change(value, random));
        }
    }

    private static JsonNode? Change(JsonNode? value, Random random)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } properties when random.Next(4) > 0:
                string name = properties.ElementAt(random.Next(properties.Count)).Key;
                JsonNode? own = properties[name];
                properties.Remove(name);
                if (random.Next(3) > 0)
                {
                    properties[random.Next(4) == 0 ? "b" : name] = Change(own, random);
                }

                return properties;
            case JsonArray { Count: > 0 } items when random.Next(4) > 0:
                int place = random.Next(items.Count);
                items.Add(Change(items[place]?.DeepClone(), random));
                return items;
            default:
                return random.Next(8) switch
                {
                    0 => null,
                    1 => random.Next(-60, 60),
                    2 => random.Next(-600, 600) / 8m,
                    3 => true,
                    4 => "ab",
                    5 => new JsonObject { ["a"] = random.Next(9) },
                    6 => new JsonArray("a"),
                    _ => value?.ToString() + "x",
                };
        }
    }

    private static string Write(JsonNode? value) => value?.ToJsonString() ?? "null";
}
