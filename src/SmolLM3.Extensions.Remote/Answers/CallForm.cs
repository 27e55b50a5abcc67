using System.Text.Json;
using System.Text.Json.Nodes;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Constraints.Validation;

namespace SmolLM3.Extensions.Remote.Answers;

/// <summary>The JSON schema of what stands between the tags of a call: <c>{"name": …, "arguments": {…}}</c> of one of some
/// tools.</summary>
internal static class CallForm
{
    private static readonly string[] s_definitions = ["$defs", "definitions"];

    /// <summary>Whether a text is a call to one of the tools that its schema takes.</summary>
    public static bool IsKept(IReadOnlyList<JsonElement> tools, string text)
    {
        OutputToolCall call = ToolCallParser.Parse(text, ToolCallEnd.Tag);
        JsonElement[] called = [.. tools.Where(tool => JsonText.Value(tool.GetProperty("name")) == call.Name)];
        return call.Error is null && called.Any(tool =>
            SchemaValidator.FirstViolation(tool.GetProperty("parameters"), call.Arguments) is null);
    }

    /// <summary>Makes it of tool dictionaries.</summary>
    public static AnswerForm Of(IReadOnlyList<JsonElement> tools)
    {
        JsonObject definitions = [];
        JsonNode[] calls = [.. tools.Select((tool, i) => Call(tool, $"t{i}_", definitions))];
        JsonObject schema = calls is [JsonObject only] ? only : new JsonObject { ["anyOf"] = new JsonArray(calls) };
        if (definitions.Count > 0)
        {
            schema["$defs"] = definitions;
        }

        return new AnswerForm { Schema = JsonElement.Parse(schema.ToJsonString()) };
    }

    private static JsonObject Call(JsonElement tool, string prefix, JsonObject definitions)
    {
        JsonObject? arguments = JsonNode.Parse(tool.GetProperty("parameters").GetRawText()) as JsonObject;
        if (arguments is null || !TryMove(arguments, prefix, definitions))
        {
            // Whatever it is, it is an object; what it says is checked when the call is whole.
            arguments = [];
        }

        arguments["type"] = "object";
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["name"] = new JsonObject { ["const"] = JsonNode.Parse(tool.GetProperty("name").GetRawText()) },
                ["arguments"] = arguments,
            },
            ["required"] = new JsonArray("name", "arguments"),
            ["additionalProperties"] = false,
        };
    }

    // References start at the root, which is another one here: what they name moves there under names of its own.
    private static bool TryMove(JsonObject schema, string prefix, JsonObject definitions)
    {
        JsonObject own = [];
        foreach (string keyword in s_definitions)
        {
            if (schema[keyword] is JsonObject group)
            {
                schema.Remove(keyword);
                foreach ((string name, JsonNode? definition) in group.ToArray())
                {
                    group.Remove(name);
                    own[prefix + name] = definition;
                }
            }
        }

        if (!TryRename(schema, prefix) || !TryRename(own, prefix))
        {
            return false;
        }

        foreach ((string name, JsonNode? definition) in own.ToArray())
        {
            own.Remove(name);
            definitions[name] = definition;
        }

        return true;
    }

    private static bool TryRename(JsonNode? node, string prefix)
    {
        switch (node)
        {
            case JsonArray array:
                return array.All(item => TryRename(item, prefix));
            case JsonObject value:
                if (value["$ref"] is JsonValue reference)
                {
                    string[] parts = reference.ToString().Split('/');
                    if (parts is not ["#", _, { } name] || !s_definitions.Contains(parts[1]))
                    {
                        return false;
                    }

                    value["$ref"] = $"#/$defs/{prefix}{name}";
                }

                return value.All(member => TryRename(member.Value, prefix));
            default:
                return true;
        }
    }
}
