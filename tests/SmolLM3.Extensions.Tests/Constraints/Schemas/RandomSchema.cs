using System.Text.Json.Nodes;

namespace SmolLM3.Extensions.Tests.Constraints.Schemas;

/// <summary>Makes schemas of all that is enforced, with bounded lengths.</summary>
/// <param name="random">Where its choices come from.</param>
/// <param name="isPlain">Whether there are no references, which lead to the root, and no names that may repeat.</param>
internal sealed class RandomSchema(Random random, bool isPlain = false)
{
    private static readonly string[] s_names = ["a", "b", "city", "x_1", "größe", "quo\"te"];
    private static readonly string[] s_patterns = ["^[a-z]{1,4}$", "^(ab|c)+d?$", "^\\d{2}-\\d{2}$", "x", "^[^\"]{0,5}$"];
    private static readonly string[] s_formats = ["date", "uuid", "ipv4"];

    public string Next() => Root(Schema(3)).ToJsonString();

    public string NextObject() => Root(Object(3)).ToJsonString();

    // What references lead to.
    private JsonObject Root(JsonObject schema)
    {
        if (!isPlain)
        {
            schema["definitions"] = new JsonObject { ["shared"] = Object(1) };
        }

        return schema;
    }

    private JsonObject Schema(int depth) => random.Next(depth > 0 ? 16 : 7) switch
    {
        0 => Text(),
        1 => Number("integer"),
        2 => Number("number"),
        3 => new JsonObject { ["type"] = "boolean" },
        4 => new JsonObject { ["enum"] = new JsonArray("a", 1, null, true, -2.5) },
        5 => new JsonObject { ["type"] = new JsonArray("string", "null"), ["maxLength"] = 5 },
        6 => new JsonObject { ["enum"] = new JsonArray(1, 5, 20, "a", "abc"), ["minimum"] = 2, ["maxLength"] = 2 },
        7 or 8 => Object(depth),
        9 => Array(depth),
        10 => new JsonObject { ["anyOf"] = new JsonArray(Schema(depth - 1), Schema(depth - 1)) },
        11 => new JsonObject { ["oneOf"] = new JsonArray(Text(), Number("integer"), Array(depth)) },
        12 => new JsonObject { ["oneOf"] = new JsonArray(Tagged("one", depth), Tagged("two", depth)) },
        13 when !isPlain => new JsonObject { ["$ref"] = "#/definitions/shared" },
        14 => Tuple(depth),
        _ => new JsonObject { ["allOf"] = new JsonArray(Object(depth - 1), Object(depth - 1)) },
    };

    private JsonObject Text()
    {
        JsonObject schema = new() { ["type"] = "string", ["maxLength"] = random.Next(3, 12) };
        switch (random.Next(4))
        {
            case 0:
                schema["minLength"] = random.Next(4);
                break;
            case 1:
                schema["pattern"] = s_patterns[random.Next(s_patterns.Length)];
                break;
            case 2:
                schema.Remove("maxLength");
                schema["format"] = s_formats[random.Next(s_formats.Length)];
                break;
        }

        return schema;
    }

    private JsonObject Number(string type)
    {
        JsonObject schema = new() { ["type"] = type };
        int from = random.Next(-50, 50);
        if (random.Next(2) == 0)
        {
            schema[random.Next(2) == 0 ? "minimum" : "exclusiveMinimum"] = from + (type == "number" ? 0.25 : 0);
        }

        if (random.Next(2) == 0)
        {
            schema[random.Next(2) == 0 ? "maximum" : "exclusiveMaximum"] = from + random.Next(2, 1000);
        }

        if (type == "integer" && random.Next(3) == 0)
        {
            schema["multipleOf"] = random.Next(1, 9);
        }

        return schema;
    }

    private JsonObject Object(int depth)
    {
        JsonObject properties = [];
        JsonArray required = [];
        foreach (string name in s_names.Where(_ => random.Next(2) == 0))
        {
            properties[name] = Schema(Math.Max(depth - 1, 0));
            if (random.Next(2) == 0)
            {
                required.Add(name);
            }
        }

        JsonObject schema = new() { ["type"] = "object", ["properties"] = properties, ["required"] = required };
        switch (random.Next(4))
        {
            case 0:
                schema["additionalProperties"] = false;
                break;
            case 1:
                schema["additionalProperties"] = new JsonObject { ["type"] = "integer" };
                schema["maxProperties"] = 5;
                schema["propertyNames"] = new JsonObject { ["maxLength"] = 12 };
                break;
            case 2:
                schema["minProperties"] = Math.Min(1, properties.Count);
                break;
            case 3 when !isPlain:
                schema["patternProperties"] = new JsonObject
                {
                    ["^x_[0-9]$"] = new JsonObject { ["type"] = "boolean" },
                };
                schema["additionalProperties"] = false;
                schema["maxProperties"] = 6;
                break;
        }

        return schema;
    }

    /// <summary>An object that a required constant tells from others.</summary>
    private JsonObject Tagged(string tag, int depth)
    {
        JsonObject schema = Object(depth - 1);
        schema["properties"]!["kind"] = new JsonObject { ["enum"] = new JsonArray(tag) };
        schema["required"]!.AsArray().Add("kind");
        return schema;
    }

    private JsonObject Tuple(int depth)
    {
        JsonObject schema = new()
        {
            ["type"] = "array",
            ["items"] = new JsonArray(Schema(depth - 1), Schema(depth - 1)),
            ["minItems"] = random.Next(3),
            ["maxItems"] = 4,
        };
        schema["additionalItems"] = random.Next(2) == 0 ? false : Number("integer");
        return schema;
    }

    private JsonObject Array(int depth) => new()
    {
        ["type"] = "array",
        ["items"] = Schema(depth - 1),
        ["minItems"] = random.Next(3),
        ["maxItems"] = random.Next(2, 5),
    };
}
